package org.cdshooks.toolkit;

import java.util.Locale;

/** How {@link JsonFlattener} writes numbers. */
public enum Numbers {
    /**
     * Whole numbers written without fraction and exponent that fit into 64 bits, signed or unsigned, keep their digits:
     * {@code 20999999} stays {@code 20999999}. All others are written as {@link #GO} writes them, whole numbers beyond
     * 64 bits included, since whoever reads them as a number reads them as a double.
     */
    EXACT,

    /**
     * As CDS has always written them: each number becomes a 64-bit double and is written like {@code %v} of Go writes
     * it, so that {@code 20999999} becomes {@code 2.0999999e+07} and whole numbers above 2<sup>53</sup> lose digits.
     */
    GO;

    /**
     * Returns the value that an option such as {@code numbers=exact} means.
     *
     * @param word {@code exact} or {@code go}
     * @return the value
     * @throws IllegalArgumentException if the word is neither
     */
    public static Numbers of(String word) {
        for (Numbers numbers : values()) {
            if (numbers.word().equals(word)) {
                return numbers;
            }
        }
        throw new IllegalArgumentException("numbers must be 'exact' or 'go', not '" + word + "'");
    }

    /**
     * Returns how options write this value.
     *
     * @return {@code exact} or {@code go}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
