package org.cdshooks.runtime.sink;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where to send events: an address taken apart, once, so that what is judged is what is called. {@code java.net.URI}
 * alone won't do: it has no host for {@code http://my_service/} or {@code http://0x7f.1/}.
 *
 * @param scheme {@code http} or {@code https}
 * @param host a name in lower case, or an address as the system writes it, without brackets
 * @param literal the address, if the host is one
 * @param port the port, never left open
 * @param path path and query as sent; may hold a secret and is kept out of messages
 */
record Target(String scheme, String host, Optional<InetAddress> literal, int port, String path) {
    private static final int MAX_LENGTH = 4096;
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[^\\[\\]]*]|[^:\\[\\]]*)(?::([0-9]*))?");
    private static final Pattern NAME = Pattern.compile("(?!.*\\.\\.)[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?");

    /**
     * Reads an address.
     *
     * @param url as the user wrote it
     * @return a target
     * @throws IllegalArgumentException if it is none; the message is a clause that goes on after the option's name
     */
    static Target parse(String url) {
        URI uri = uri(url);
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("must begin with http:// or https://");
        }
        String authority = uri.getRawAuthority();
        if (authority == null) {
            throw new IllegalArgumentException("has no host; write such as https://example.com/hook");
        }
        if (authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "must not carry a user or password before the host; use sink.secret to sign calls instead");
        }
        if (uri.getRawFragment() != null) {
            throw new IllegalArgumentException("must not have a fragment (#…): it would never be sent");
        }
        Matcher matcher = AUTHORITY.matcher(authority);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("has no host and port that can be read: '" + authority + "'");
        }
        String host = hostOf(matcher.group(1));
        Optional<InetAddress> literal = HostLiteral.parse(host);
        if (literal.isEmpty() && !NAME.matcher(host).matches()) {
            throw new IllegalArgumentException("has host '" + host + "', which is no valid name");
        }
        return new Target(
                scheme,
                literal.map(InetAddress::getHostAddress).orElse(host),
                literal,
                portOf(scheme, matcher.group(2)),
                pathOf(uri));
    }

    private static URI uri(String url) {
        if (url.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("is longer than " + MAX_LENGTH + " characters");
        }
        // Half of a surrogate pair is no character at all, and URI.toASCIIString fails on it with a
        // NullPointerException.
        if (url.codePoints().anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)) {
            throw new IllegalArgumentException("has a control character or half of a character in it");
        }
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "is no valid address: " + e.getReason()
                            + (e.getIndex() < 0 ? "" : " at position " + (e.getIndex() + 1)),
                    e);
        }
    }

    private static String hostOf(String written) {
        if (written.isEmpty() || written.equals(".")) {
            throw new IllegalArgumentException("has no host; write such as https://example.com/hook");
        }
        if (written.startsWith("[")) {
            String inside = written.substring(1, written.length() - 1);
            if (inside.indexOf(':') < 0) {
                throw new IllegalArgumentException("has '" + written + "' where an IPv6 address is expected");
            }
            return inside;
        }
        if (!written.chars().allMatch(c -> c < 128)) {
            // Look-alikes such as ①②⑦ become other characters in Punycode: the user shall see what is meant.
            throw new IllegalArgumentException(
                    "has a host with characters beyond ASCII; write it in Punycode, such as xn--bcher-kva.example");
        }
        String lower = written.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static int portOf(String scheme, @Nullable String written) {
        if (written == null || written.isEmpty()) {
            return scheme.equals("https") ? 443 : 80;
        }
        int port = written.length() > 5 ? 0 : Integer.parseInt(written);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("has port " + written + ", which is not in 1 to 65535");
        }
        return port;
    }

    private static String pathOf(URI uri) {
        URI ascii = URI.create(uri.toASCIIString());
        String path = ascii.getRawPath() == null || ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
        if (path.startsWith("//")) {
            throw new IllegalArgumentException("has a path that begins with two slashes; write one");
        }
        return ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery();
    }

    /** Returns scheme, host and port: what users may see of the address, and what calls are counted by. */
    String origin() {
        return scheme + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    @Override
    public String toString() {
        return origin();
    }
}
