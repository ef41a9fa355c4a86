package org.cdshooks.runtime.filter;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cdshooks.api.HookEvent;

/**
 * Gives an event other values. All parts read the event as its type made it, so their order does not matter: what is renamed is
 * not dropped, and what is set wins.
 *
 * @param drop which values go
 * @param renamed new names by old ones
 * @param set what values hold, by their names
 */
record Mapping(Optional<Globs> drop, Map<String, String> renamed, Map<String, Template> set) {
    Mapping {
        renamed = Map.copyOf(renamed);
        set = Map.copyOf(set);
    }

    boolean isNone() {
        return drop.isEmpty() && renamed.isEmpty() && set.isEmpty();
    }

    HookEvent of(Subject subject) {
        Map<String, String> result = new TreeMap<>();
        subject.values().forEach((name, value) -> {
            if (!renamed.containsKey(name)
                    && drop.filter(globs -> globs.admit(name)).isEmpty()) {
                result.put(name, value);
            }
        });
        renamed.forEach((old, now) -> subject.value(old).ifPresent(value -> result.put(now, value)));
        set.forEach((name, template) -> result.put(name, template.fill(subject)));
        return HookEvent.of(result);
    }
}
