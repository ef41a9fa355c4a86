package org.cdshooks.runtime.filter;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression in the syntax of RE2, which takes time linear in the text whatever was written: neither the author of
 * a task nor the sender of an event can make it hang.
 */
final class LinearPattern {
    /** How many characters of a value are looked at. */
    static final int MAX_VALUE = 65_536;

    /** How many steps a pattern may have: each may cost one look at each character. */
    static final int MAX_STEPS = 3_000;

    /** The library unrolls {@code a{1000}} into a thousand steps, and does not count those of nested ones. */
    private static final long MAX_UNROLLED = 200_000;

    private static final Pattern COUNTED = Pattern.compile("\\{([0-9]+)(?:,([0-9]*))?\\}");

    private final Pattern pattern;

    private LinearPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Compiles a pattern in which a dot is any character.
     *
     * @throws SyntaxException if it is none, or too large
     */
    static LinearPattern of(String regex) throws SyntaxException {
        long unrolled = Math.max(1, regex.length());
        Matcher counted = COUNTED.matcher(regex);
        while (counted.find()) {
            unrolled *= Math.max(1, Math.max(number(counted.group(1)), number(counted.group(2))));
            if (unrolled > MAX_UNROLLED) {
                throw new SyntaxException("the regular expression is too large: make what is in braces smaller");
            }
        }
        try {
            LinearPattern made = new LinearPattern(Pattern.compile(regex, Pattern.DOTALL));
            if (made.steps() > MAX_STEPS) {
                throw new SyntaxException("the regular expression is too large: it has " + made.steps()
                        + " steps, and may have " + MAX_STEPS);
            }
            return made;
        } catch (PatternSyntaxException e) {
            throw new SyntaxException("the regular expression is wrong: " + e.getDescription() + " (it is of RE2's "
                    + "syntax, which has no look-around and no back references)");
        }
    }

    private static long number(@Nullable String digits) {
        if (digits == null || digits.isEmpty()) {
            return 1;
        }
        return digits.length() > 4 ? 10_000 : Long.parseLong(digits);
    }

    /** Returns how large the pattern is. */
    int steps() {
        return pattern.programSize();
    }

    /** Tells whether it is somewhere in the beginning of a value. */
    boolean isIn(String value) {
        return pattern.matcher(beginning(value)).find();
    }

    /** Tells whether it is the whole value; too long ones are none. */
    boolean isAll(String value) {
        return value.length() <= MAX_VALUE && pattern.matches(value);
    }

    private static String beginning(String value) {
        return value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE);
    }
}
