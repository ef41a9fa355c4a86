package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Requests of HTTP/1.0, which the library refuses and old health checks and proxies send. */
final class Http10 {
    private static final byte[] VERSION = " HTTP/1.0\r".getBytes(US_ASCII);

    private Http10() {}

    static boolean isHttp10(byte[] bytes, int lineEnd) {
        int start = lineEnd - VERSION.length;
        return start > 0 && Arrays.equals(bytes, start, lineEnd, VERSION, 0, VERSION.length);
    }

    /**
     * Makes an HTTP/1.1 request of it that ends its connection. It gets a host if it has none, and keeps everything
     * else; a head that is too long is passed on as it is, for the library to refuse.
     */
    static byte[] translated(byte[] begin, Supplier<byte @Nullable []> more, int maxHead) {
        byte[] bytes = begin;
        int headEnd = indexOfHeadEnd(bytes);
        while (headEnd < 0 && bytes.length <= maxHead) {
            byte[] next = more.get();
            if (next == null) {
                return bytes;
            }
            bytes = concat(bytes, next);
            headEnd = indexOfHeadEnd(bytes);
        }
        if (headEnd < 0) {
            return bytes;
        }
        String head = new String(bytes, 0, headEnd, ISO_8859_1);
        int line = head.contains("\r\n") ? head.indexOf("\r\n") : head.length();
        StringBuilder out = new StringBuilder(head.substring(0, line - 1)).append("1\r\nConnection: close\r\n");
        boolean hasHost = false;
        for (String header : head.substring(Math.min(head.length(), line + 2)).split("\r\n")) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("transfer-encoding:")) {
                return bytes; // HTTP/1.0 has no chunks: whoever sends this means to smuggle
            }
            hasHost |= lower.startsWith("host:");
            if (!header.isEmpty() && !lower.startsWith("connection:") && !lower.startsWith("keep-alive:")) {
                out.append(header).append("\r\n");
            }
        }
        if (!hasHost) {
            out.append("Host: localhost\r\n");
        }
        byte[] newHead = out.append("\r\n").toString().getBytes(ISO_8859_1);
        return concat(newHead, Arrays.copyOfRange(bytes, headEnd + 4, bytes.length));
    }

    private static int indexOfHeadEnd(byte[] bytes) {
        for (int i = 0; i + 3 < bytes.length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i;
            }
        }
        return -1;
    }

    static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
