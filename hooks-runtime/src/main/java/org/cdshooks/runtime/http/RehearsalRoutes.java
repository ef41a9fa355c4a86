package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.runtime.engine.Executions;
import org.cdshooks.runtime.engine.Rehearsal;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.task.ConfigValue;
import org.jspecify.annotations.Nullable;

/** {@code /task/{uuid}/test}: what a task would do of a request, or of what came in before. */
final class RehearsalRoutes {
    private static final Set<String> FIELDS = Set.of("request", "execution", "config");
    private static final Set<String> REQUEST_FIELDS = Set.of("method", "path", "query", "headers", "body");
    private static final String CONTENT_TYPE = "content-type";

    private final Tasks tasks;
    private final Executions executions;
    private final long maxBody;

    RehearsalRoutes(Tasks tasks, Executions executions, long maxBody) {
        this.tasks = tasks;
        this.executions = executions;
        this.maxBody = maxBody;
    }

    void addTo(Routes routes) {
        routes.path("/task/{uuid}/test", false).on("POST", this::rehearse);
    }

    private void rehearse(Exchange exchange) {
        TaskId id = TaskRoutes.id(exchange);
        ObjectNode body = TaskBody.object(exchange.body(maxBody));
        Reader reader = new Reader();
        reader.onlyFields("", body, FIELDS, "a test has request or execution, and config");
        JsonNode request = body.get("request");
        JsonNode execution = body.get("execution");
        if ((request == null) == (execution == null)) {
            reader.wrong(
                    "request",
                    "a test has either a request such as {\"method\":\"POST\",\"body\":\"…\"}, or the timestamp of an "
                            + "execution");
        }
        Optional<Map<String, ConfigValue>> draft = reader.draft(body);
        Optional<ReceivedCall> call = request == null ? Optional.empty() : reader.call(request);
        long timestamp = execution == null ? 0 : reader.timestamp(execution);
        reader.requireSound();

        Rehearsal.Input input =
                call.<Rehearsal.Input>map(Rehearsal.Input.Request::new).orElseGet(() -> stored(id, timestamp));
        Rehearsal rehearsal = tasks.rehearse(id, input, draft).orElseThrow(() -> TaskRoutes.noSuchTask(id));
        exchange.json(200, json -> RehearsalJson.write(json, rehearsal));
    }

    private Rehearsal.Input stored(TaskId id, long timestamp) {
        return executions
                .find(id, timestamp)
                .map(Rehearsal.Input.Stored::new)
                .orElseThrow(
                        () -> tasks.find(id).isEmpty() ? TaskRoutes.noSuchTask(id) : ExecutionRoutes.noSuchExecution());
    }

    /** Reads what is to be tried, and gathers all that is wrong with it. */
    private static final class Reader {
        private final List<ConfigProblem> problems = new ArrayList<>();

        void wrong(String field, String problem) {
            problems.add(new ConfigProblem(field, problem));
        }

        void onlyFields(String path, ObjectNode object, Set<String> known, String what) {
            for (Map.Entry<String, JsonNode> member : object.properties()) {
                if (!known.contains(member.getKey())) {
                    String name = member.getKey();
                    wrong(path + (name.length() <= 60 ? name : name.substring(0, 60)), "is no field here; " + what);
                }
            }
        }

        void requireSound() {
            if (!problems.isEmpty()) {
                throw HttpProblem.bad(problems);
            }
        }

        /** A draft is written as the config of a task is. */
        Optional<Map<String, ConfigValue>> draft(ObjectNode body) {
            JsonNode config = body.get("config");
            if (config == null) {
                return Optional.empty();
            }
            ObjectNode task = JsonNodeFactory.instance.objectNode().set("config", config);
            TaskBody draft = TaskBody.of(task, model -> Optional.empty());
            problems.addAll(draft.problems());
            return Optional.of(draft.config());
        }

        long timestamp(JsonNode execution) {
            if (execution.isIntegralNumber() && execution.canConvertToLong()) {
                return execution.longValue();
            }
            if (execution.isTextual() && execution.textValue().matches("[0-9]{1,19}")) {
                try {
                    return Long.parseLong(execution.textValue());
                } catch (NumberFormatException e) {
                    return -1; // beyond all timestamps
                }
            }
            wrong("execution", "must be a timestamp in nanoseconds since 1970; GET /task/{uuid}/execution lists them");
            return -1;
        }

        Optional<ReceivedCall> call(JsonNode node) {
            if (!(node instanceof ObjectNode request)) {
                wrong("request", "must be an object such as {\"method\":\"POST\",\"headers\":{},\"body\":\"…\"}");
                return Optional.empty();
            }
            onlyFields("request.", request, REQUEST_FIELDS, "a request has method, path, query, headers and body");
            Map<String, List<String>> headers = headers(request.get("headers"));
            byte[] body = new byte[0];
            JsonNode given = request.get("body");
            if (given != null && given.isTextual()) {
                body = given.textValue().getBytes(UTF_8);
            } else if (given != null && given.isContainerNode()) {
                body = GoJson.bytes(json -> GoJson.tree(json, given));
                headers.putIfAbsent(CONTENT_TYPE, List.of("application/json"));
            } else if (given != null && !given.isNull()) {
                wrong("request.body", "must be a string, an object or an array");
            }
            String method = text(request, "method", "POST").toUpperCase(Locale.ROOT);
            if (!WebhookRoutes.METHODS.contains(method)) {
                wrong("request.method", "must be one of " + String.join(", ", WebhookRoutes.METHODS));
            }
            String path = text(request, "path", "");
            if (!path.isEmpty() && !path.startsWith("/")) {
                wrong("request.path", "must begin with a slash: it is what stands behind the endpoint of the task");
            }
            return Optional.of(ReceivedCall.of(method, text(request, "query", ""), headers, path, body));
        }

        private Map<String, List<String>> headers(@Nullable JsonNode node) {
            Map<String, List<String>> headers = new LinkedHashMap<>();
            if (node == null) {
                return headers;
            }
            if (!(node instanceof ObjectNode given)) {
                wrong("request.headers", "must be an object such as {\"Content-Type\":\"application/json\"}");
                return headers;
            }
            for (Map.Entry<String, JsonNode> header : given.properties()) {
                List<String> values = new ArrayList<>();
                JsonNode value = header.getValue();
                for (JsonNode one : value.isArray() ? value : List.of(value)) {
                    if (one.isTextual()) {
                        values.add(one.textValue());
                    } else {
                        wrong("request.headers", "the value of a header must be a string, or an array of strings");
                    }
                }
                headers.merge(header.getKey().toLowerCase(Locale.ROOT), values, (one, more) -> {
                    List<String> all = new ArrayList<>(one);
                    all.addAll(more);
                    return all;
                });
            }
            return headers;
        }

        private String text(ObjectNode request, String name, String otherwise) {
            JsonNode value = request.get(name);
            if (value == null) {
                return otherwise;
            }
            if (!value.isTextual()) {
                wrong("request." + name, "must be a string");
                return otherwise;
            }
            return value.textValue();
        }
    }
}
