package org.cdshooks.distribution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Bodies of answers, made comparable: without what no two answers have in common. The order of members counts. */
final class CdsJson {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> COMMON_LINES = Set.of("Version", "Uptime", "Time", "Queue", "Task Stopped");

    private static final Set<String> TIMED = Set.of("Scheduler", "RepoPoller");

    private CdsJson() {}

    static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + body, e);
        }
    }

    /** Writes JSON as Go does, for what is in the captures. */
    static String goText(JsonNode json) {
        return json.toString().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }

    /** Removes the members that only this service has. */
    static void removeAdded(JsonNode json, Map<String, Set<String>> added) {
        if (json instanceof ObjectNode object) {
            Set<String> names = added.getOrDefault(kind(object), Set.of());
            object.remove(names);
            if (object.path("lines") instanceof ArrayNode lines) {
                List<JsonNode> common = new ArrayList<>();
                lines.forEach(line -> {
                    if (COMMON_LINES.contains(line.path("component").asText())) {
                        common.add(line);
                    }
                });
                lines.removeAll().addAll(common);
            }
        }
        json.forEach(child -> removeAdded(child, added));
    }

    private static String kind(ObjectNode object) {
        return object.has("timestamp")
                ? "execution"
                : object.has("executions")
                        ? "task"
                        : object.has("request_url") ? "webhook" : object.has("message") ? "error" : "";
    }

    /** Replaces ids and times, and what depends on how long the service has run before. */
    static void maskVolatile(JsonNode json) {
        if (json instanceof ObjectNode object) {
            object.properties().forEach(member -> {
                String name = member.getKey();
                JsonNode value = member.getValue();
                switch (name) {
                    case "timestamp", "processing_timestamp" -> object.put(name, value.asLong() == 0 ? 0 : 1);
                    case "workflow_run" -> object.put(name, 0); // of a workflow that nobody has here
                    case "nb_executions_total", "nb_executions_todo" -> {
                        if (isTimed(object)) {
                            object.put(name, 0);
                        }
                    }
                    case "now" -> object.put(name, shape(value, "[-0-9]{10}T[:0-9]{8}(\\.[0-9]{1,9})?Z"));
                    case "version" -> object.put(name, "VERSION");
                    case "architecture", "os" -> object.put(name, shape(value, "[a-z0-9_]+"));
                    case "date_scheduled_execution" ->
                        object.put(name, value.asText().replaceFirst("^[-0-9]{10} [:0-9]{8}(?:\\.[0-9]+)?", "TIME"));
                    case "last_error" -> object.put(name, "TEXT");
                    case "component" -> maskLine(object);
                    default -> {}
                }
            });
            if (kind(object).equals("error")) {
                object.put("uuid", shape(object.path("uuid"), "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"));
                object.put("message", object.path("message").asText().replaceFirst(": .*", ""));
            }
        }
        json.forEach(CdsJson::maskVolatile);
    }

    static void forgetCounts(JsonNode tasks) {
        tasks.forEach(task -> {
            if (task instanceof ObjectNode object && object.has("nb_executions_total")) {
                object.put("nb_executions_total", 0).put("nb_executions_todo", 0);
            }
        });
    }

    private static void maskLine(ObjectNode line) {
        JsonNode value = line.path("value");
        switch (line.path("component").asText()) {
            case "Version" -> line.put("value", "VERSION");
            case "Uptime" -> line.put("value", shape(value, "([0-9]+h)?([0-9]+m)?[0-9]+(\\.[0-9]+)?(s|ms|µs)"));
            case "Time" -> line.put("value", shape(value, "[0-9]{1,2}h[0-9]{1,2}m[0-9]{1,2}s"));
            default -> {}
        }
    }

    private static String shape(JsonNode value, String pattern) {
        return value.asText().matches(pattern) ? "LIKE " + pattern : value.asText();
    }

    /** Tells whether time alone makes executions of a task: how many depends on how long the service has run before. */
    private static boolean isTimed(JsonNode task) {
        return TIMED.contains(task.path("type").asText());
    }

    /** Executions come newest first; of a task that a timer fires, as many are compared as both sides have. */
    static void cutExecutions(JsonNode one, JsonNode other) {
        if (!isTimed(one)) {
            return;
        }
        if (one.path("executions") instanceof ArrayNode some && other.path("executions") instanceof ArrayNode more) {
            int common = Math.min(some.size(), more.size());
            if (common == 0 && some.size() + more.size() > 0) {
                throw new AssertionError("executions on one side only: " + one + " and " + other);
            }
            for (ArrayNode executions : List.of(some, more)) {
                while (executions.size() > common) {
                    executions.remove(common);
                }
            }
        }
    }

    /** Removes the tasks of types that no plugin offers. */
    static void keepTypes(JsonNode json, Set<String> types) {
        if (json instanceof ArrayNode tasks) {
            List<JsonNode> kept = new ArrayList<>();
            tasks.forEach(task -> {
                if (types.contains(task.path("type").asText())) {
                    kept.add(task);
                }
            });
            tasks.removeAll().addAll(kept);
        }
    }

    static void sortByUuid(JsonNode json) {
        if (json instanceof ArrayNode tasks) {
            List<JsonNode> sorted = new ArrayList<>();
            tasks.forEach(sorted::add);
            sorted.sort(Comparator.comparing(task -> task.path("uuid").asText()));
            tasks.removeAll().addAll(sorted);
        }
    }

    /** Does one thing that a row of the table says to the body of CDS, or to ours what has to be undone. */
    static void apply(String change, JsonNode json, JsonNode ours) {
        if (change.startsWith("also ")) {
            remove(change.substring("also ".length()), ours);
        } else if (change.startsWith("no ")) {
            remove(change.substring("no ".length()), json);
        } else if (change.startsWith("/")) {
            String pointer = change.substring(0, change.indexOf('='));
            JsonNode parent = json.at(pointer.substring(0, pointer.lastIndexOf('/')));
            if (!(parent instanceof ObjectNode object) || json.at(pointer) instanceof MissingNode) {
                throw new AssertionError("there is no " + pointer + " to be changed in " + json);
            }
            object.set(pointer.substring(pointer.lastIndexOf('/') + 1), value(change));
        } else {
            throw new AssertionError("what does '" + change + "' mean?");
        }
    }

    private static void remove(String what, JsonNode json) {
        if (what.startsWith("/")) {
            JsonNode parent = json.at(what.substring(0, what.lastIndexOf('/')));
            String name = what.substring(what.lastIndexOf('/') + 1);
            JsonNode removed = parent instanceof ObjectNode object
                    ? object.remove(name)
                    : ((ArrayNode) parent).remove(Integer.parseInt(name));
            if (removed == null) {
                throw new AssertionError("there is no " + what + " to be left out in " + json);
            }
            return;
        }
        ArrayNode tasks = (ArrayNode) json; // a task of a type that no plugin offers has been left out already
        for (int i = tasks.size() - 1; i >= 0; i--) {
            if (tasks.get(i).path("uuid").asText().equals(what.replace("\"\"", ""))) {
                tasks.remove(i);
            }
        }
    }

    static JsonNode value(String change) {
        return parse(change.substring(change.indexOf('=') + 1));
    }
}
