package org.cdshooks.toolkit.repository;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A branch or tag that was created, moved or deleted.
 *
 * @param repository the full name of the repository
 * @param ref the full name of the branch or tag; one without {@code refs/tags/} is a branch
 * @param before the hash it had; zeros or empty if it is new
 * @param after the hash it has; zeros or empty if it is gone
 * @param author who did it
 * @param message the message of a commit of it; empty if there is none or nobody told
 */
public record RefChange(
        String repository, String ref, String before, String after, Person author, Optional<String> message)
        implements RepositoryEvent {
    /** What stands where there is no hash. */
    public static final String NO_HASH = "0".repeat(40);

    private static final String BRANCHES = "refs/heads/";
    private static final String TAGS = "refs/tags/";

    /**
     * Tells whether a hash stands for nothing.
     *
     * @param hash a hash
     * @return true for zeros, of any length but none
     */
    public static boolean isNoHash(String hash) {
        return !hash.isEmpty() && hash.chars().allMatch(c -> c == '0');
    }

    /**
     * Tells whether this is about a tag.
     *
     * @return false for a branch
     */
    public boolean isTag() {
        return ref.startsWith(TAGS);
    }

    /**
     * Tells whether the branch or tag is gone.
     *
     * @return true if it was deleted
     */
    public boolean isDeletion() {
        return isNoHash(after);
    }

    /**
     * Returns the branch or tag.
     *
     * @return its name without {@code refs/heads/} or {@code refs/tags/}
     */
    public String name() {
        if (isTag()) {
            return ref.substring(TAGS.length());
        }
        return ref.startsWith(BRANCHES) ? ref.substring(BRANCHES.length()) : ref;
    }

    @Override
    public String key() {
        return repository + "|" + ref + "|" + before + "|" + after;
    }

    @Override
    public String word() {
        String what = isTag() ? "tag" : "branch";
        if (isDeletion()) {
            return what + ".deleted";
        }
        return what + (before.isEmpty() || isNoHash(before) ? ".created" : ".updated");
    }

    @Override
    public Map<String, String> names() {
        Map<String, String> names = new TreeMap<>();
        author.putNames(names);
        names.put(isTag() ? "git.tag" : "git.branch", name());
        names.put("git.hash.before", before);
        names.put("git.hash", after);
        names.put("git.repository", repository);
        message.ifPresent(text -> names.put("git.message", text));
        return names;
    }
}
