package org.cdshooks.runtime.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.runtime.task.ConfigValue;
import org.jspecify.annotations.Nullable;

/**
 * A task as somebody writes it, in one of two forms: a WorkflowNodeHook of CDS, which names a hook model, or the plain form,
 * which names a hook type.
 *
 * @param isCds whether it is a WorkflowNodeHook
 * @param uuid its uuid; empty if it gives none
 * @param type its hook type; empty if it gives none
 * @param config its options
 * @param problems what is wrong with it so far; {@link #requireSound} throws them
 * @param source what was read
 */
record TaskBody(
        boolean isCds,
        String uuid,
        String type,
        Map<String, ConfigValue> config,
        List<ConfigProblem> problems,
        ObjectNode source) {

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(64)
                            .maxNumberLength(100)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .recyclerPool(JsonRecyclerPools.sharedBoundedPool())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** What the API shows of a task beside its config: taken back without a word, so that what was read can be written. */
    private static final Set<String> SHOWN = Set.of(
            "stopped",
            "executions",
            "nb_executions_total",
            "nb_executions_todo",
            "nb_executions_failed",
            "revision",
            "created",
            "stop_reason",
            "stop_mode",
            "paused_until",
            "problem",
            "warnings",
            "secrets",
            "defaults",
            "nb_requests_refused");

    /** Finds the hook type of a CDS hook model. */
    @FunctionalInterface
    interface Models {
        Optional<String> typeOf(String model);
    }

    /** Reads a body that is one JSON object. */
    static ObjectNode object(byte[] body) {
        if (json(body) instanceof ObjectNode object) {
            return object;
        }
        throw HttpProblem.of(400, "the body is not a JSON object");
    }

    static JsonNode json(byte[] body) {
        if (body.length == 0) {
            throw HttpProblem.of(400, "the body is empty; send a JSON object");
        }
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw HttpProblem.of(
                    400, "the body is not JSON that can be taken" + where + ": " + cut(e.getOriginalMessage()));
        } catch (IOException e) {
            throw HttpProblem.of(400, "the body is not JSON");
        }
    }

    private static String cut(@Nullable String message) {
        String text = message == null ? "" : message;
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    static TaskBody of(ObjectNode object, Models models) {
        return field(object, "model") != null || field(object, "hook_model_name") != null
                ? ofCds(object, models)
                : plain(object);
    }

    private static TaskBody ofCds(ObjectNode object, Models models) {
        List<ConfigProblem> problems = new ArrayList<>();
        String uuid = text(object, "uuid", problems);
        if (uuid.isEmpty()) {
            problems.add(new ConfigProblem("uuid", "is missing: CDS gives each hook one"));
        }
        String model = text(object, "hook_model_name", problems);
        String modelField = "hook_model_name";
        if (field(object, "model") instanceof ObjectNode details) {
            modelField = "model.name";
            model = text(details, "name", problems);
            String kind = text(details, "type", problems);
            if (!kind.equals("builtin")) {
                problems.add(new ConfigProblem(
                        "model.type", "'" + cut(kind) + "' is not served; only 'builtin' hook models are"));
            }
        }
        Optional<String> type = models.typeOf(model);
        if (type.isEmpty()) {
            problems.add(new ConfigProblem(
                    modelField, "no plugin serves the hook model '" + cut(model) + "'; see GET /plugins"));
        }
        return checked(new TaskBody(true, uuid, type.orElse(""), cdsConfig(object, problems), problems, object));
    }

    private static TaskBody plain(ObjectNode object) {
        List<ConfigProblem> problems = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            String name = member.getKey();
            if (!Set.of("uuid", "type", "config").contains(name) && !SHOWN.contains(name)) {
                problems.add(
                        new ConfigProblem(cut(name), "is not a field of a task; a task has uuid, type and config"));
            }
        }
        String uuid = text(object, "uuid", problems);
        String type = text(object, "type", problems);
        return checked(new TaskBody(false, uuid, type, plainConfig(object, problems), problems, object));
    }

    private static TaskBody checked(TaskBody body) {
        if (!body.uuid().isEmpty() && !TaskId.isValid(body.uuid())) {
            body.problems()
                    .add(new ConfigProblem(
                            "uuid", "'" + cut(body.uuid()) + "' must be 1 to 255 of A-Z a-z 0-9 + / = _ -"));
        } else if (body.uuid().equals("bulk")) {
            body.problems().add(new ConfigProblem("uuid", "'bulk' is the name of a route; choose another one"));
        }
        return body;
    }

    /** Values of CDS are strings in objects; Go takes a null, of either, for no value and refuses everything else. */
    private static Map<String, ConfigValue> cdsConfig(ObjectNode object, List<ConfigProblem> problems) {
        Map<String, ConfigValue> config = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> option : configOf(object, problems)) {
            if (option.getValue() instanceof ObjectNode value) {
                JsonNode text = field(value, "value");
                if (text != null && !text.isTextual() && !text.isNull()) {
                    problems.add(new ConfigProblem(cut(option.getKey()), "its value must be a JSON string"));
                }
                config.put(option.getKey(), configValue(value, false, ""));
            } else if (option.getValue().isNull()) {
                config.put(option.getKey(), new ConfigValue("", false, ""));
            } else {
                problems.add(new ConfigProblem(
                        cut(option.getKey()), "must be an object such as {\"value\":\"text\",\"configurable\":true}"));
            }
        }
        return config;
    }

    /** Plain values are strings, numbers and booleans, bare or as the {@code value} of an object. */
    private static Map<String, ConfigValue> plainConfig(ObjectNode object, List<ConfigProblem> problems) {
        Map<String, ConfigValue> config = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> option : configOf(object, problems)) {
            String name = option.getKey();
            JsonNode given = option.getValue();
            JsonNode value = given instanceof ObjectNode wrapped ? field(wrapped, "value") : given;
            if (value == null || !value.isValueNode() || value.isNull()) {
                problems.add(new ConfigProblem(
                        cut(name),
                        "must be a string, a number or a boolean, not " + kind(given)
                                + "; leave it out to have its default"));
            } else if (given instanceof ObjectNode wrapped) {
                config.put(name, configValue(wrapped, true, "string"));
            } else {
                config.put(name, ConfigValue.of(value.asText()));
            }
        }
        return config;
    }

    private static ConfigValue configValue(ObjectNode value, boolean configurable, String type) {
        JsonNode text = field(value, "value");
        JsonNode mayChange = field(value, "configurable");
        JsonNode shownAs = field(value, "type");
        return new ConfigValue(
                text == null || text.isNull() ? "" : text.asText(),
                mayChange == null ? configurable : mayChange.asBoolean(),
                shownAs == null ? type : shownAs.asText(""));
    }

    private static Set<Map.Entry<String, JsonNode>> configOf(ObjectNode object, List<ConfigProblem> problems) {
        JsonNode config = field(object, "config");
        if (config == null || config.isNull()) {
            return Set.of();
        }
        if (config instanceof ObjectNode options) {
            return options.properties();
        }
        problems.add(new ConfigProblem("config", "must be a JSON object, not " + kind(config)));
        return Set.of();
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT, POJO -> "an object without a 'value'";
            case NULL, MISSING -> "null";
            case STRING, BINARY -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "a boolean";
        };
    }

    private static String text(ObjectNode object, String name, List<ConfigProblem> problems) {
        JsonNode value = field(object, name);
        if (value == null || value.isNull()) {
            return "";
        }
        if (!value.isTextual()) {
            problems.add(new ConfigProblem(name, "must be a string, not " + kind(value)));
        }
        return value.asText();
    }

    /** Finds a member as Go does: by its name, else by its name in any case. */
    static @Nullable JsonNode field(ObjectNode object, String name) {
        JsonNode exact = object.get(name);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (member.getKey().equalsIgnoreCase(name)) {
                return member.getValue();
            }
        }
        return null;
    }

    /** Throws all that is wrong. */
    TaskBody requireSound() {
        if (!problems.isEmpty()) {
            throw HttpProblem.bad(problems);
        }
        return this;
    }
}
