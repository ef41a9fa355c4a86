package org.cdshooks.runtime.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A list of globs, with {@code !} before those that exclude. The last one that matches decides; what none matches is in if
 * the list only excludes.
 */
final class Globs {
    private static final int MAX = 100;

    private final List<Entry> entries;

    private record Entry(Glob glob, boolean excludes) {
        @Override
        public String toString() {
            return (excludes ? "!" : "") + glob;
        }
    }

    /** Makes a glob of a text. */
    @FunctionalInterface
    private interface Maker {
        Glob of(String text) throws SyntaxException;
    }

    private Globs(List<Entry> entries) {
        this.entries = entries;
    }

    /** Reads globs over branches or paths, with commas or line breaks between. */
    static Globs of(String list) throws SyntaxException {
        return of(list, Glob::of);
    }

    /** Reads globs over names of values. */
    static Globs overNames(String list) throws SyntaxException {
        return of(list, Glob::overNames);
    }

    private static Globs of(String list, Maker maker) throws SyntaxException {
        List<Entry> entries = new ArrayList<>();
        for (String part : list.split("[,\n]", -1)) {
            String text = part.strip();
            if (text.isEmpty()) {
                continue;
            }
            boolean excludes = text.startsWith("!");
            entries.add(new Entry(maker.of(excludes ? text.substring(1).strip() : text), excludes));
            if (entries.size() > MAX) {
                throw new SyntaxException("has more than " + MAX + " patterns");
            }
        }
        if (entries.isEmpty()) {
            throw new SyntaxException("has no pattern: write some with commas between, such as main, release/**");
        }
        return new Globs(List.copyOf(entries));
    }

    /** Tells whether a value is in. */
    boolean admit(String value) {
        return deciding(value).map(entry -> !entry.excludes()).orElseGet(this::onlyExcludes);
    }

    /** Says why a value is not in. */
    String whyNot(String value) {
        return deciding(value).map(entry -> "is excluded by " + entry).orElseGet(() -> "matches none of " + this);
    }

    boolean onlyExcludes() {
        return entries.stream().allMatch(Entry::excludes);
    }

    private Optional<Entry> deciding(String value) {
        for (Entry entry : entries.reversed()) {
            if (entry.glob().matches(value)) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return Quoted.cut(entries.stream().map(Entry::toString).collect(Collectors.joining(", ")));
    }
}
