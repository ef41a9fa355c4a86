package org.cdshooks.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.engine.TaskWalk;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.task.ConfigValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /task/bulk}: what the CDS API calls whenever a workflow is saved. */
final class BulkRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(BulkRoutes.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int PAGE = 500;

    private final Tasks tasks;
    private final TaskBody.Models models;
    private final long maxBody;

    BulkRoutes(Tasks tasks, TaskBody.Models models, long maxBody) {
        this.tasks = tasks;
        this.models = models;
        this.maxBody = maxBody;
    }

    void addTo(Routes routes) {
        routes.path("/task/bulk", false).on("POST", this::put).on("DELETE", this::remove);
        routes.path("/task/bulk/start", false).order(this::start);
        routes.path("/task/bulk/stop", false).order(this::stop);
    }

    /** Nothing is stored before all of it has been found good: the CDS API rolls back as a whole, too. */
    private void put(Exchange exchange) {
        JsonNode body = TaskBody.json(exchange.body(maxBody));
        if (body.isNull()) {
            exchange.json(200, json -> json.writeNull());
            return;
        }
        if (!(body instanceof ObjectNode hooks)) {
            throw HttpProblem.of(400, "the body is not a JSON object of hooks");
        }
        Map<String, TaskBody> sound = checked(hooks);
        Map<String, TaskView> stored = new LinkedHashMap<>();
        sound.forEach((key, hook) -> stored.put(key, tasks.put(new TaskId(hook.uuid()), hook.type(), hook.config())));
        ObjectNode answer = JSON.createObjectNode();
        new TreeMap<>(sound).forEach((key, hook) -> answer.set(key, completed(hook, stored.get(key))));
        exchange.json(200, json -> GoJson.tree(json, answer));
    }

    private Map<String, TaskBody> checked(ObjectNode hooks) {
        Map<String, TaskBody> sound = new LinkedHashMap<>();
        List<ConfigProblem> problems = new ArrayList<>();
        Map<String, String> keysByUuid = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : hooks.properties()) {
            String key = entry.getKey();
            if (!(entry.getValue() instanceof ObjectNode hook)) {
                problems.add(new ConfigProblem(key, "is not a JSON object"));
                continue;
            }
            TaskBody body = TaskBody.of(hook, models);
            if (!body.isCds()) {
                body.problems().add(new ConfigProblem("model", "is missing: this route takes hooks of CDS"));
            }
            String other = keysByUuid.putIfAbsent(body.uuid(), key);
            if (other != null && !body.uuid().isEmpty()) {
                body.problems().add(new ConfigProblem("uuid", "is that of '" + other + "', too"));
            }
            if (body.problems().isEmpty()) {
                check(body);
            }
            body.problems()
                    .forEach(problem ->
                            problems.add(new ConfigProblem(key + '.' + problem.option(), problem.message())));
            sound.put(key, body);
        }
        if (!problems.isEmpty()) {
            throw HttpProblem.bad(problems);
        }
        return sound;
    }

    private void check(TaskBody body) {
        try {
            tasks.check(new TaskId(body.uuid()), body.type(), body.config());
        } catch (InvalidConfigException e) {
            body.problems().addAll(e.problems());
        }
    }

    /** The hook as it came, with what the service adds to a config: the CDS API stores the answer in place of its own. */
    private static ObjectNode completed(TaskBody hook, @Nullable TaskView view) {
        Map<String, ConfigValue> config = new TreeMap<>(hook.config());
        if (view != null) {
            view.task().config().forEach((name, value) -> {
                if (!view.secrets().contains(name)) {
                    config.merge(name, value, (given, stored) -> given.value().isEmpty() ? stored : given);
                }
            });
            // What the service computes stands above what CDS had from an earlier answer.
            Optional.ofNullable(view.task().config().get("webHookURL")).ifPresent(url -> config.put("webHookURL", url));
        }
        ObjectNode answer = hook.source().deepCopy();
        ObjectNode values = answer.putObject("config");
        config.forEach((name, value) -> values.putObject(name)
                .put("value", value.value())
                .put("configurable", value.configurable())
                .put("type", value.type()));
        return answer;
    }

    private void remove(Exchange exchange) {
        for (Map.Entry<String, JsonNode> entry :
                TaskBody.object(exchange.body(maxBody)).properties()) {
            if (TaskId.isValid(entry.getKey())) {
                tasks.remove(new TaskId(entry.getKey()));
            }
        }
        exchange.noContent();
    }

    private void start(Exchange exchange) {
        forAll(id -> tasks.start(id));
        exchange.noContent();
    }

    private void stop(Exchange exchange) {
        forAll(id -> tasks.stop(id));
        exchange.noContent();
    }

    private void forAll(Function<TaskId, Optional<TaskView>> change) {
        TaskWalk<TaskView, RuntimeException> walk =
                new TaskWalk<>(PAGE, view -> view.task().id(), tasks::list);
        for (List<TaskView> page = walk.next(); !page.isEmpty(); page = walk.next()) {
            for (TaskView task : page) {
                try {
                    var _ = change.apply(task.task().id());
                } catch (InvalidConfigException e) { // that task's own affair, which its problem tells
                    LOG.warn("task {}: {}", task.task().id(), e.getMessage());
                }
            }
        }
    }
}
