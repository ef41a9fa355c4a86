package org.cdshooks.runtime.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with values of an event in it: <code>{git.branch}</code>, <code>{header(Name)}</code>; a brace is written twice to
 * stand for itself. What is not there is the empty text.
 */
final class Template {
    /** How long a result is at most; what is more is cut off. */
    static final int MAX_RESULT = 65_536;

    private static final int MAX_LENGTH = 4_000;

    /** Possessive throughout, and over a bounded text. */
    private static final Pattern REFERENCE =
            Pattern.compile("(?:(header|value)\\(([^(){}]++)\\))|([\\p{L}\\p{N}_.\\-:/@]++)");

    private final List<Part> parts;

    sealed interface Part {
        record Constant(String text) implements Part {}

        record Reading(Reference reference) implements Part {}
    }

    private Template(List<Part> parts) {
        this.parts = parts;
    }

    /**
     * Reads a template.
     *
     * @param isHidden tells by its name whether a header is not kept
     * @throws SyntaxException if it is none
     */
    static Template of(String source, Predicate<String> isHidden) throws SyntaxException {
        return of(source, isHidden, Set.of());
    }

    /**
     * Reads a template.
     *
     * @param isHidden tells by its name whether a header is not kept
     * @param own names that are the service's; a value of such a name is <code>{value(name)}</code>
     * @throws SyntaxException if it is none
     */
    static Template of(String source, Predicate<String> isHidden, Set<String> own) throws SyntaxException {
        if (source.length() > MAX_LENGTH) {
            throw new SyntaxException(
                    "has " + source.length() + " characters, and may have " + MAX_LENGTH + " at most");
        }
        List<Part> parts = new ArrayList<>();
        StringBuilder constant = new StringBuilder();
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c != '{' && c != '}') {
                constant.append(c);
            } else if (i + 1 < source.length() && source.charAt(i + 1) == c) {
                constant.append(c);
                i++;
            } else if (c == '}') {
                throw SyntaxException.at(source, i, "there is no { for this }; write }} for a brace");
            } else {
                int end = source.indexOf('}', i);
                if (end < 0) {
                    throw SyntaxException.at(source, i, "this { is never closed; write {{ for a brace");
                }
                parts.add(new Part.Constant(constant.toString()));
                constant.setLength(0);
                parts.add(new Part.Reading(reference(source, i + 1, end, isHidden, own)));
                i = end;
            }
        }
        parts.add(new Part.Constant(constant.toString()));
        return new Template(List.copyOf(parts));
    }

    private static Reference reference(String source, int start, int end, Predicate<String> isHidden, Set<String> own)
            throws SyntaxException {
        String text = source.substring(start, end);
        Matcher matcher = REFERENCE.matcher(text);
        if (!matcher.matches()) {
            throw SyntaxException.at(
                    source,
                    start,
                    Quoted.of(text) + " is no name of a value, such as {git.branch} or {header(Name)}; "
                            + "write {{ and }} for braces");
        }
        if (own.contains(text)) {
            return new Reference.Own(text);
        }
        if (!"header".equals(matcher.group(1))) {
            return new Reference.Value(matcher.group(1) == null ? text : matcher.group(2));
        }
        String name = matcher.group(2);
        if (isHidden.test(name)) {
            throw SyntaxException.at(source, start, "header " + name + " carries a credential, which is not kept");
        }
        return new Reference.Header(name);
    }

    List<Part> parts() {
        return parts;
    }

    String fill(Subject subject) {
        StringBuilder filled = new StringBuilder();
        for (Part part : parts) {
            String text = switch (part) {
                case Part.Constant constant -> constant.text();
                case Part.Reading reading -> reading.reference().of(subject).orElse("");
            };
            filled.append(text, 0, Math.min(text.length(), MAX_RESULT - filled.length()));
        }
        if (filled.length() == MAX_RESULT && Character.isHighSurrogate(filled.charAt(MAX_RESULT - 1))) {
            filled.setLength(MAX_RESULT - 1);
        }
        return filled.toString();
    }
}
