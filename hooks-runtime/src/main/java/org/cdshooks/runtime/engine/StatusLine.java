package org.cdshooks.runtime.engine;

/**
 * One line of {@code /mon/status}.
 *
 * @param level how bad it is
 * @param component what it is about
 * @param value how that is doing, in words
 */
public record StatusLine(Level level, String component, String value) {
    /** How bad something is, in the words of CDS. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Somebody should look at it. */
        WARN,
        /** Somebody must look at it. */
        AL
    }
}
