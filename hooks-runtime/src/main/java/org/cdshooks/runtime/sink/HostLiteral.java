package org.cdshooks.runtime.sink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a host that is an address in one of the notations that browsers, C libraries and others understand: {@code
 * 127.0.0.1}, {@code 127.1}, {@code 0x7f.1}, {@code 2130706433}, {@code 017700000001}, {@code ::1}. The rules are those
 * of the WHATWG URL standard ("IPv4 parser"). Read here and nowhere else, so that what is judged is what is called.
 */
final class HostLiteral {
    private static final Pattern NUMERIC = Pattern.compile("[0-9]+|0[xX][0-9A-Fa-f]*");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    private HostLiteral() {}

    /**
     * Reads a host.
     *
     * @param host a host without brackets and without a dot at its end
     * @return the address; empty if the host is a name
     * @throws IllegalArgumentException if the host can only be meant as an address and is none
     */
    static Optional<InetAddress> parse(String host) {
        if (host.indexOf(':') >= 0) {
            if (!IPV6.matcher(host).matches()) {
                throw problem(host);
            }
            try {
                return Optional.of(InetAddress.ofLiteral(host));
            } catch (IllegalArgumentException e) {
                throw problem(host);
            }
        }
        String last = host.substring(host.lastIndexOf('.') + 1);
        boolean isNumber = !last.isEmpty()
                && Character.digit(last.charAt(0), 10) >= 0 // usually the end of it
                && NUMERIC.matcher(last).matches();
        return isNumber ? Optional.of(ipv4(host)) : Optional.empty();
    }

    private static InetAddress ipv4(String host) {
        String[] parts = host.split("\\.", -1);
        if (parts.length > 4) {
            throw problem(host);
        }
        long value = 0;
        for (int i = 0; i < parts.length; i++) {
            long number = number(host, parts[i]);
            boolean last = i == parts.length - 1;
            // The last number fills all bytes that are left.
            int bytes = last ? 4 - i : 1;
            if (number >= 1L << (8 * bytes)) {
                throw problem(host);
            }
            value = (value << (8 * bytes)) | number;
        }
        byte[] bytes = {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }

    private static long number(String host, String part) {
        if (!NUMERIC.matcher(part).matches() || part.length() > 24) {
            throw problem(host);
        }
        try {
            if (part.startsWith("0x") || part.startsWith("0X")) {
                return part.length() == 2 ? 0 : Long.parseLong(part, 2, part.length(), 16);
            }
            return Long.parseLong(part, part.length() > 1 && part.charAt(0) == '0' ? 8 : 10);
        } catch (NumberFormatException e) {
            throw problem(host);
        }
    }

    private static IllegalArgumentException problem(String host) {
        return new IllegalArgumentException("host '" + host + "' is neither a name nor an IP address");
    }
}
