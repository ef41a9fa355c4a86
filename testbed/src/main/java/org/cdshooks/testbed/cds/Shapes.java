package org.cdshooks.testbed.cds;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the bodies must look like: every member there, in CDS's order, of its type, and none that CDS does not know. */
final class Shapes {
    private static final Map<String, Predicate<@Nullable Object>> REGISTRATION = new LinkedHashMap<>();
    private static final List<String> STATUSES = List.of("OK", "WARN", "AL");

    static {
        REGISTRATION.put("id", value -> value instanceof Json.Number(String text) && text.equals("0"));
        REGISTRATION.put("name", Shapes::isText);
        REGISTRATION.put("type", "hooks"::equals);
        REGISTRATION.put(
                "http_url", value -> value instanceof String url && url.matches("https?://.*") && !url.endsWith("/"));
        REGISTRATION.put("last_heartbeat", "0001-01-01T00:00:00Z"::equals);
        REGISTRATION.put("hash", ""::equals);
        REGISTRATION.put("token", Shapes::isText);
        REGISTRATION.put("group_id", value -> value == null);
        REGISTRATION.put("group", value -> value == null);
        REGISTRATION.put("monitoring_status", Shapes::isStatus);
        REGISTRATION.put("config", value -> value instanceof Map);
        REGISTRATION.put("is_shared_infra", Boolean.FALSE::equals);
        REGISTRATION.put("version", Shapes::isText);
        REGISTRATION.put("up_to_date", Boolean.FALSE::equals);
    }

    private Shapes() {}

    private static boolean isText(@Nullable Object value) {
        return value instanceof String text && !text.isEmpty();
    }

    private static boolean isStatus(@Nullable Object value) {
        return value instanceof Map<?, ?> status
                && List.copyOf(status.keySet()).equals(List.of("now", "lines"))
                && status.get("now") instanceof String
                && status.get("lines") instanceof List<?> lines
                && !lines.isEmpty()
                && lines.stream().allMatch(Shapes::isLine);
    }

    private static boolean isLine(@Nullable Object value) {
        return value instanceof Map<?, ?> line
                && List.copyOf(line.keySet()).equals(List.of("status", "component", "value", "type"))
                && STATUSES.contains(line.get("status"))
                && isText(line.get("component"))
                && line.get("value") instanceof String
                && line.get("type") instanceof String;
    }

    /** Says what is wrong with the body of a registration. */
    static List<String> registration(@Nullable Object body) {
        List<String> wrong = new ArrayList<>();
        if (!(body instanceof Map<?, ?> members)) {
            return List.of("the registration is no object");
        }
        if (!List.copyOf(members.keySet()).equals(List.copyOf(REGISTRATION.keySet()))) {
            wrong.add("the registration has the members " + members.keySet());
        }
        REGISTRATION.forEach((name, check) -> {
            if (!check.test(members.get(name))) {
                wrong.add("the registration has the wrong value in " + name);
            }
        });
        return wrong;
    }

    /** Says what is wrong with the body of a run. */
    static List<String> run(@Nullable Object body) {
        if (!(body instanceof Map<?, ?> members)
                || !List.copyOf(members.keySet()).equals(List.of("hook"))
                || !(members.get("hook") instanceof Map<?, ?> hook)
                || !List.copyOf(hook.keySet()).equals(List.of("payload", "uuid"))
                || !isText(hook.get("uuid"))
                || !(hook.get("payload") instanceof Map<?, ?> payload)) {
            return List.of("the run is not {\"hook\":{\"payload\":{…},\"uuid\":\"…\"}}");
        }
        List<String> wrong = new ArrayList<>();
        if (!payload.values().stream().allMatch(value -> value instanceof String)) {
            wrong.add("the payload has a value that is no text");
        }
        List<String> names = payload.keySet().stream().map(String::valueOf).toList();
        if (!names.equals(names.stream().sorted().toList())) {
            wrong.add("the names of the payload are not sorted: " + names);
        }
        return wrong;
    }
}
