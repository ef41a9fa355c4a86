package org.cdshooks.toolkit;

/**
 * Flattens JSON into names and values the way CDS does it, so that {@code {"My Key":{"a":[true,"x"]}}} becomes
 * {@code my_key.a.a0=true} and {@code my_key.a.a1=x}. Immutable and safe for use by several threads.
 *
 * <p>Paths are segments joined by dots. The segment of an object's member is its name with space, slash and colon
 * replaced by {@code _}, then in lower case; a member with an empty name is left out with all below it. The segment of
 * an array's element is the segment of the array with the element's index behind it; the array at the top has the
 * segment {@code ""}. Strings stand as they are (a lone surrogate becomes U+FFFD), {@code null} is the empty string,
 * numbers are written by {@link Numbers}. Empty objects and arrays leave no trace. A member that comes twice in an
 * object counts as it came last, with all below it. If two different paths collapse into one, such as {@code
 * {"a.b":1,"a":{"b":2}}}, the value that comes last in the document wins.
 *
 * <p>Nothing that a text holds makes these methods throw, and each works in time linear in its length and in bounded
 * memory beside it. The limits:
 *
 * <ul>
 *   <li>{@value #MAX_VALUES} values, and {@value #MAX_TOKENS} tokens to find them in (nothing behind is read);
 *   <li>{@value #MAX_PATH} characters of a path (what lies below is left out) and {@value #MAX_PATHS} of all paths
 *       together (nothing behind is read);
 *   <li>{@value #MAX_DEPTH} levels of nesting (beyond, there are no values at all).
 * </ul>
 *
 * Numbers may be of any length; one beyond the range of a double makes the document unusable, as it does in CDS.
 */
public final class JsonFlattener {
    /** How many values a result holds at most; a member that comes twice counts twice. */
    public static final int MAX_VALUES = 10_000;

    /** How many tokens (names, values, brackets) of a document are read at most. */
    public static final int MAX_TOKENS = 200_000;

    /** How deeply objects and arrays may be nested. */
    public static final int MAX_DEPTH = 1_000;

    /** How many characters a path may have. Nested arrays need it: the path of the n-th level grows with n squared. */
    public static final int MAX_PATH = 4_096;

    /** How many characters all paths of a result have at most together. */
    public static final int MAX_PATHS = 4_194_304;

    /** How many strings within strings {@link #parsingStrings} opens; those further in stay strings. */
    public static final int MAX_STRING_LEVELS = 16;

    private final Numbers numbers;
    private final boolean parsesStrings;

    private JsonFlattener(Numbers numbers, boolean parsesStrings) {
        this.numbers = numbers;
        this.parsesStrings = parsesStrings;
    }

    /**
     * Creates a flattener.
     *
     * @param numbers how it writes numbers
     * @return a flattener that takes strings as they are
     */
    public static JsonFlattener with(Numbers numbers) {
        return new JsonFlattener(numbers, false);
    }

    /**
     * Looks into strings: one that is itself a JSON object or array is flattened in its place, and one that is {@code
     * null} in JSON is left out. CDS does so with messages of Kafka and RabbitMQ.
     *
     * @return a copy that looks into strings
     */
    public JsonFlattener parsingStrings() {
        return new JsonFlattener(numbers, true);
    }

    /**
     * Flattens an object or an array.
     *
     * @param json any text; if it is JSON but neither object nor array, the result has no values and a problem
     * @return the result
     */
    public FlatJson flatten(String json) {
        return new FlatteningWalk(numbers, parsesStrings, false).over(json);
    }

    /**
     * Flattens any JSON. A string, number or boolean at the top gets the path {@code ""}; {@code null} gives no values
     * and is no problem.
     *
     * @param json any text
     * @return the result
     */
    public FlatJson flattenAny(String json) {
        return new FlatteningWalk(numbers, parsesStrings, true).over(json);
    }
}
