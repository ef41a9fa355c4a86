package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cdshooks.api.Payload;
import org.cdshooks.runtime.task.TaskRecord;

/** Blanks what must not be stored: the values of headers that carry credentials. */
final class CredentialHeaders {
    /** What stands in the place of a value that is not shown. */
    static final String MASK = "**********";

    private static final Set<String> NAMES = Set.of(
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "x_auth_header",
            "x-auth-header",
            "proxy-authenticate");

    private static final List<String> PARTS =
            List.of("token", "secret", "password", "passwd", "api-key", "api_key", "apikey");

    private CredentialHeaders() {}

    /** Tells by its name whether a header or a value of a config carries a credential. */
    static boolean isCredential(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return NAMES.contains(lower) || PARTS.stream().anyMatch(lower::contains);
    }

    /** Returns the texts of a task's config, lower case: a header that is named there may carry what proves its sender. */
    static Set<String> named(TaskRecord task) {
        return task.config().values().stream()
                .map(value -> value.value().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }

    /** Blanks the values of headers that carry credentials, by their name or since the task names them. */
    static Map<String, List<String>> blanked(Map<String, List<String>> headers, Set<String> named) {
        Map<String, List<String>> blank = new TreeMap<>(headers);
        blank.replaceAll((name, values) -> isCredential(name) || named.contains(name)
                ? Stream.generate(() -> MASK).limit(values.size()).toList()
                : values);
        return blank;
    }

    /** Blanks the values of parameters whose names are those of credentials. */
    static String blankedQuery(String query) {
        return Stream.of(query.split("&", -1))
                .map(pair -> pair.indexOf('=') > 0 && isCredential(pair.substring(0, pair.indexOf('=')))
                        ? pair.substring(0, pair.indexOf('=') + 1) + MASK
                        : pair)
                .collect(Collectors.joining("&"));
    }

    /** Blanks the values of credentials; each keeps its name and number of values. */
    static Payload blanked(Payload payload) {
        Map<String, List<String>> blank = new TreeMap<>();
        payload.attributes().forEach((name, values) -> {
            if (isCredential(name)) {
                blank.put(name, Stream.generate(() -> MASK).limit(values.size()).toList());
            }
        });
        return blank.isEmpty() ? payload : payload.withAttributes(blank);
    }
}
