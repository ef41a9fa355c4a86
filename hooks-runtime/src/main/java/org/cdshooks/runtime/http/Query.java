package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.Optional;

/** Parameters of the admin API's queries. */
final class Query {
    private Query() {}

    /** Finds the first value of a parameter; a parameter without one is empty text. */
    static Optional<String> first(String query, String name) {
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (decoded(name, key).equals(name)) {
                return Optional.of(equals < 0 ? "" : decoded(name, pair.substring(equals + 1)));
            }
        }
        return Optional.empty();
    }

    /** Reads a whole number between two bounds. */
    static int number(Exchange exchange, String name, int otherwise, int max) {
        Optional<String> given = exchange.query(name);
        if (given.isEmpty()) {
            return otherwise;
        }
        String text = given.get();
        if (text.matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= max) {
                return number;
            }
        }
        throw HttpProblem.badParameter(name, "'" + text + "' is not a whole number from 1 to " + max);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    private static String decoded(String name, String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.badParameter(name, "the query has a broken %-escape: '" + text + "'");
        }
    }
}
