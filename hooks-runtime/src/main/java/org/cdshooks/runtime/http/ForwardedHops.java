package org.cdshooks.runtime.http;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what proxies say of the way of a request: {@code Forwarded} (RFC 7239) and {@code X-Forwarded-For}. */
final class ForwardedHops {
    /** An address; of an IPv6 address the brackets may be missing if there is no port. The port may be hidden. */
    private static final Pattern NODE = Pattern.compile(
            "(?:(?<four>[0-9]{1,3}(?:\\.[0-9]{1,3}){3})|\\[(?<six>[0-9A-Fa-f:.]{2,45})])(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]{1,64}))?"
                    + "|(?<bare>[0-9A-Fa-f]*:[0-9A-Fa-f:.]{1,45})");

    private ForwardedHops() {}

    /** Returns the addresses of {@code X-Forwarded-For}, in order; what is no address is empty. */
    static List<Optional<InetAddress>> ofList(List<String> values) {
        List<Optional<InetAddress>> hops = new ArrayList<>();
        for (String value : values) {
            for (String hop : value.split(",", -1)) {
                hops.add(address(hop.strip()));
            }
        }
        return hops;
    }

    /** Returns the {@code for} addresses of {@code Forwarded}, in order; an element that hides its address is empty. */
    static List<Optional<InetAddress>> ofForwarded(List<String> values) {
        List<Optional<InetAddress>> hops = new ArrayList<>();
        for (String value : values) {
            if (!addElements(value, hops)) {
                // The sender has broken the value; what the last proxy has added is behind the last comma.
                hops.add(Optional.empty());
                if (!addElements(value.substring(value.lastIndexOf(',') + 1), hops)) {
                    hops.add(Optional.empty());
                }
            }
        }
        return hops;
    }

    /** Adds the elements of a value, and tells whether the value keeps to the grammar. */
    private static boolean addElements(String value, List<Optional<InetAddress>> hops) {
        Optional<InetAddress> hop = Optional.empty();
        int at = 0;
        while (at < value.length()) {
            char c = value.charAt(at);
            if (c == ',') {
                hops.add(hop);
                hop = Optional.empty();
                at++;
            } else if (c == ';' || c == ' ' || c == '\t') {
                at++;
            } else {
                int equals = value.indexOf('=', at);
                int end = equals < 0 ? -1 : endOfValue(value, equals + 1);
                if (end < 0 || value.substring(at, equals).indexOf(',') >= 0) {
                    return false;
                }
                if (value.substring(at, equals).strip().toLowerCase(Locale.ROOT).equals("for")) {
                    hop = address(unquoted(value.substring(equals + 1, end)));
                }
                at = end;
            }
        }
        hops.add(hop);
        return true;
    }

    /** Returns where a token or a quoted string ends; negative if a quote is not closed. */
    private static int endOfValue(String value, int from) {
        int at = from;
        if (at < value.length() && value.charAt(at) == '"') {
            for (at++; at < value.length(); at++) {
                if (value.charAt(at) == '\\') {
                    at++;
                } else if (value.charAt(at) == '"') {
                    return at + 1;
                }
            }
            return -1;
        }
        while (at < value.length() && value.charAt(at) != ',' && value.charAt(at) != ';') {
            at++;
        }
        return at;
    }

    private static String unquoted(String value) {
        String text = value.strip();
        return text.startsWith("\"") && text.length() > 1
                ? text.substring(1, text.length() - 1).replaceAll("\\\\(.)", "$1")
                : text;
    }

    /** Reads an address with or without a port; never asks a name server. */
    static Optional<InetAddress> address(String node) {
        Matcher matcher = NODE.matcher(node);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String four = matcher.group("four");
        String six = matcher.group("six");
        try {
            return Optional.of(InetAddress.ofLiteral(four != null ? four : six != null ? six : matcher.group("bare")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
