package org.cdshooks.runtime.filter;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Payload;

/**
 * What rules look at.
 *
 * @param values the values of an event as its hook type made it
 * @param attributes what came in beside the body: the headers of a request, under their names in lower case
 */
record Subject(Map<String, String> values, Map<String, List<String>> attributes) {
    static Subject of(HookEvent event, Payload payload) {
        return new Subject(event.values(), payload.attributes());
    }

    Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** Finds a header in any case; several of a name are joined. Attributes of what is no request keep their case. */
    Optional<String> header(String name) {
        return Optional.ofNullable(attributes.get(name.toLowerCase(Locale.ROOT)))
                .or(() -> Optional.ofNullable(attributes.get(name)))
                .map(values -> String.join(", ", values));
    }
}
