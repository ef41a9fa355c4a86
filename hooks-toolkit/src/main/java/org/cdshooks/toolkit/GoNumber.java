package org.cdshooks.toolkit;

/** Numbers as Go reads and writes them. The texts it is given are numbers by the grammar of JSON. */
final class GoNumber {
    /** The most digits before the point that are below the largest double, whatever they are. */
    private static final int SAFE_DIGITS = 308;

    /** Two decimal numbers of so many digits are never the same double. */
    private static final int UNIQUE_DIGITS = 15;

    private static final String MAX_UNSIGNED = "18446744073709551615";
    private static final String MIN_SIGNED = "-9223372036854775808";

    /** Below it a double has so few bits that Java writes two digits where one would do. */
    private static final double FEW_BITS = 1e-320;

    private GoNumber() {}

    /** Tells whether a number is beyond what a double can hold. */
    static boolean isOutOfRange(String text) {
        if (text.indexOf('e') < 0 && text.indexOf('E') < 0) {
            int point = text.indexOf('.');
            int digits = (point < 0 ? text.length() : point) - (text.charAt(0) == '-' ? 1 : 0);
            if (digits != SAFE_DIGITS + 1) {
                return digits > SAFE_DIGITS;
            }
        }
        return Double.isInfinite(Double.parseDouble(text));
    }

    /** Tells whether a whole number, written in digits alone, fits into 64 bits, signed or unsigned. */
    static boolean fits64Bits(String text) {
        String largest = text.charAt(0) == '-' ? MIN_SIGNED : MAX_UNSIGNED;
        return text.length() < largest.length() || (text.length() == largest.length() && text.compareTo(largest) <= 0);
    }

    /** Writes a number as Go's {@code %v} writes the double that is nearest to it. */
    static String format(String text) {
        return isShortInteger(text) ? formatShortInteger(text) : format(Double.parseDouble(text));
    }

    private static boolean isShortInteger(String text) {
        if (text.length() > UNIQUE_DIGITS) {
            return false;
        }
        for (int i = text.charAt(0) == '-' ? 1 : 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** The digits of such a number are those of its double already. */
    private static String formatShortInteger(String text) {
        int from = text.charAt(0) == '-' ? 1 : 0;
        if (text.length() - from <= 6) {
            return text;
        }
        int to = text.length();
        while (text.charAt(to - 1) == '0') {
            to--;
        }
        return text.substring(0, from) + write(text.substring(from, to), text.length() - from - 1);
    }

    static String format(double number) {
        if (number == 0) {
            return 1 / number < 0 ? "-0" : "0";
        }
        String sign = number < 0 ? "-" : "";
        String shortest = shortest(Math.abs(number));
        int e = shortest.indexOf('E');
        String mantissa = e < 0 ? shortest : shortest.substring(0, e);
        int point = mantissa.indexOf('.');
        String all = mantissa.substring(0, point) + mantissa.substring(point + 1);
        int from = 0;
        while (all.charAt(from) == '0') {
            from++;
        }
        int to = all.length();
        while (all.charAt(to - 1) == '0') {
            to--;
        }
        int exponent = point - 1 - from + (e < 0 ? 0 : Integer.parseInt(shortest, e + 1, shortest.length(), 10));
        return sign + write(all.substring(from, to), exponent);
    }

    /** Writes {@code d.ddd} times ten to the exponent. */
    private static String write(String digits, int exponent) {
        if (exponent < -4 || exponent > 5) {
            String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
            int size = Math.abs(exponent);
            return digits.charAt(0) + fraction + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + size;
        }
        if (exponent < 0) {
            return "0." + "0".repeat(-exponent - 1) + digits;
        }
        int whole = exponent + 1;
        return digits.length() <= whole
                ? digits + "0".repeat(whole - digits.length())
                : digits.substring(0, whole) + "." + digits.substring(whole);
    }

    /** Java's shortest text, save that it never has fewer than two digits; where that matters one digit is tried. */
    private static String shortest(double number) {
        String text = Double.toString(number);
        if (number < FEW_BITS && text.indexOf('E') == 3) {
            int down = text.charAt(0) - '0';
            int nearest = text.charAt(2) >= '5' ? down + 1 : down;
            int exponent = Integer.parseInt(text, 4, text.length(), 10);
            String candidate = nearest == 10 ? "1.0E" + (exponent + 1) : nearest + ".0E" + exponent;
            if (Double.parseDouble(candidate) == number) {
                return candidate;
            }
        }
        return text;
    }
}
