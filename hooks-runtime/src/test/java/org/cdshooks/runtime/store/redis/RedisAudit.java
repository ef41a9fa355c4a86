package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.MalformedRecordException;
import org.cdshooks.testbed.Reply;
import org.cdshooks.testbed.RespClient;

/** Looks at all keys of a store in Redis, between two of its scripts: whether what they say of each other is true. */
final class RedisAudit {
    private static final String DUMP = """
            local all = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              local type = redis.call('TYPE', key).ok
              local content
              if type == 'string' then
                content = {redis.call('GET', key)}
              elseif type == 'hash' then
                content = redis.call('HGETALL', key)
              elseif type == 'set' then
                content = redis.call('SMEMBERS', key)
              elseif type == 'list' then
                content = redis.call('LRANGE', key, 0, -1)
              else
                content = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
              end
              all[#all + 1] = {key, type, redis.call('PTTL', key), content}
            end
            return all
            """;

    private static final Set<String> META_FIELDS =
            Set.of("order", "queued", "maintenance", "revision", "epoch", "newest", "layout", "generation");
    private static final Set<String> STATE_FIELDS = Set.of(
            "created",
            "revision",
            "first",
            "types",
            "waiting",
            "doing",
            "announced",
            "blocked",
            "cursor",
            "timer",
            "paused",
            "since",
            "changed");

    private final RedisKeys keys;
    private final Map<String, Value> values = new TreeMap<>();
    private final Set<String> looked = new TreeSet<>();

    /** What is under a key; of hashes and sorted sets the names and what belongs to them by turns. */
    private record Value(String type, long expiry, List<String> content) {
        Map<String, String> pairs() {
            Map<String, String> pairs = new LinkedHashMap<>();
            for (int i = 0; i < content.size(); i += 2) {
                pairs.put(content.get(i), content.get(i + 1));
            }
            return pairs;
        }
    }

    private RedisAudit(RespClient client, RedisKeys keys) {
        this.keys = keys;
        for (Reply each : client.command("EVAL", DUMP, "0").items()) {
            List<Reply> parts = each.items();
            values.put(
                    parts.get(0).text(),
                    new Value(
                            parts.get(1).text(),
                            parts.get(2).number(),
                            parts.get(3).texts()));
        }
    }

    /**
     * Looks at everything.
     *
     * @throws AssertionError if something is not as it has to be
     */
    static void run(RespClient client, RedisKeys keys) {
        RedisAudit audit = new RedisAudit(client, keys);
        audit.tasks();
        audit.executions();
        audit.queues();
        audit.claims();
        audit.listeners();
        audit.theRest();
    }

    // ------------------------------------------------------------------------------------------------ reading

    private Optional<Value> find(String key, String type) {
        looked.add(key);
        Optional<Value> found = Optional.ofNullable(values.get(key));
        found.ifPresent(value -> {
            assertThat(value.type()).as("type of " + key).isEqualTo(type);
            assertThat(value.expiry()).as("expiry of " + key).isEqualTo(-1);
        });
        return found;
    }

    private Map<String, String> hash(String key) {
        return find(key, "hash").map(Value::pairs).orElse(Map.of());
    }

    private Map<String, String> sorted(String key) {
        return find(key, "zset").map(Value::pairs).orElse(Map.of());
    }

    private List<String> list(String key) {
        return find(key, "list").map(Value::content).orElse(List.of());
    }

    private String scheduler(String name) {
        return keys.prefix() + ":scheduler:" + name;
    }

    private Set<String> taskIds() {
        return sorted(keys.tasks()).keySet();
    }

    private Map<String, String> state(String task) {
        return hash(keys.tasks() + ":state:" + task);
    }

    private Map<String, String> line(String task) {
        return sorted(keys.queue() + ":" + task);
    }

    /** Timers stand apart by their types. */
    private Map<String, String> timers() {
        Map<String, String> timers = new TreeMap<>();
        for (String type :
                find(scheduler("timers:types"), "set").map(Value::content).orElse(List.of())) {
            Map<String, String> ofType = sorted(scheduler("timers:of:" + type));
            assertThat(ofType.keySet())
                    .as("timers of " + type)
                    .allMatch(key -> keys.parse(key).type().equals(type));
            timers.putAll(ofType);
        }
        return timers;
    }

    private Map<String, String> ended(String how, String task) {
        return sorted(keys.tasks() + ":" + how + ":" + task);
    }

    private static long number(Map<String, String> hash, String field) {
        return Long.parseLong(hash.getOrDefault(field, "0"));
    }

    private List<String> types(String task) {
        return state(task).getOrDefault("types", "").lines().toList();
    }

    private long of(String task, Map<String, String> executions) {
        return executions.keySet().stream()
                .filter(key -> keys.parse(key).task().value().equals(task))
                .count();
    }

    // ------------------------------------------------------------------------------------------------ the checks

    private void tasks() {
        Map<String, String> meta = hash(keys.meta());
        assertThat(META_FIELDS).containsAll(meta.keySet());
        for (String task : taskIds()) {
            Map<String, String> state = state(task);
            assertThat(find(keys.task(task), "string")).as("record of " + task).isPresent();
            assertThat(STATE_FIELDS).as("state of " + task).containsAll(state.keySet());
            assertThat(state).as("state of " + task).containsKeys("created", "revision", "first");
            assertThat(types(task)).as("types of " + task).doesNotHaveDuplicates();
            assertThat(number(state, "since")).as("since of " + task).isLessThanOrEqualTo(number(state, "revision"));
            assertThat(sorted(keys.tasks() + ":revisions:" + task).values().stream()
                            .mapToLong(Long::parseLong))
                    .as("former revisions of " + task)
                    .hasSizeLessThan(TaskStore.KEPT_REVISIONS)
                    .allMatch(number -> number < number(state, "since"));
            assertThat(number(state, "first")).isLessThanOrEqualTo(number(state, "revision"));
            assertThat(number(state, "revision")).isLessThanOrEqualTo(number(meta, "revision"));
        }
    }

    /** Each has its JSON, is in its index, and is in exactly one of the places. */
    private void executions() {
        Map<String, String> places = new TreeMap<>();
        timers().forEach((key, due) -> put(places, key, "timers"));
        for (String place : List.of("due", "leases")) {
            sorted(scheduler(place)).keySet().forEach(key -> put(places, key, place));
        }
        Set<String> dead = new TreeSet<>();
        Set<String> indexed = new TreeSet<>();
        for (String task : taskIds()) {
            line(task).keySet().forEach(key -> put(places, key, "line"));
            ended("done", task).keySet().forEach(key -> put(places, key, "done"));
            ended("failed", task).keySet().forEach(key -> put(places, key, "failed"));
            dead.addAll(ended("failed", task).keySet());
            for (String type : types(task)) {
                for (String timestamp : sorted(keys.index(type, task)).keySet()) {
                    String key = keys.index(type, task) + ":" + timestamp;
                    indexed.add(key);
                    assertThat(json(key).key()).as("what is under " + key).isEqualTo(keys.parse(key));
                }
            }
            Map<String, String> state = state(task);
            assertThat(number(state, "waiting"))
                    .as("count of waiting ones of " + task)
                    .isEqualTo(of(task, sorted(scheduler("due"))) + of(task, timers()));
            assertThat(number(state, "doing"))
                    .as("count of leases of " + task)
                    .isEqualTo(of(task, sorted(scheduler("leases"))));
            assertThat(timers().keySet().stream()
                            .filter(key -> keys.parse(key).task().value().equals(task)))
                    .as("waiting run of " + task)
                    .containsExactlyElementsOf(
                            Stream.ofNullable(state.get("timer")).toList());
        }
        assertThat(places.keySet()).as("executions with a place").isEqualTo(indexed);
        assertThat(sorted(scheduler("dead")).keySet()).as("failed ones").isEqualTo(dead);
    }

    private static void put(Map<String, String> places, String key, String place) {
        assertThat(places.put(key, place))
                .as("second place of " + key + ", which is " + place)
                .isNull();
    }

    private Execution json(String key) {
        String json = find(key, "string")
                .orElseThrow(() -> new AssertionError("nothing is under " + key))
                .content()
                .getFirst();
        try {
            return ExecutionJson.decode(json.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedRecordException e) {
            throw new AssertionError(key, e);
        }
    }

    /** Whoever waits is found by the next claim, unless its task has as many leases as it may have. */
    private void queues() {
        Set<String> announced = new TreeSet<>();
        for (String element : list(keys.queue())) {
            assertThat(element).startsWith("\"").endsWith("\"");
            announced.add(keys.parse(element.substring(1, element.length() - 1))
                    .task()
                    .value());
        }
        Map<String, String> blocked = sorted(scheduler("blocked"));
        assertThat(taskIds()).as("tasks that are blocked").containsAll(blocked.keySet());
        Map<String, String> paused = sorted(scheduler("paused"));
        assertThat(taskIds()).as("tasks that are paused").containsAll(paused.keySet());
        long queued = 0;
        for (String task : taskIds()) {
            Map<String, String> state = state(task);
            queued += line(task).size();
            assertThat(state.containsKey("blocked")).as(task + " is blocked").isEqualTo(blocked.containsKey(task));
            assertThat(state.containsKey("paused")).as(task + " is paused").isEqualTo(paused.containsKey(task));
            if (state.containsKey("announced")) {
                assertThat(announced).as("tasks in the queue").contains(task);
            }
            if (state.containsKey("blocked")) {
                assertThat(number(state, "doing"))
                        .as("leases of " + task + ", which is blocked")
                        .isGreaterThanOrEqualTo(number(blocked, task));
            } else if (!line(task).isEmpty() && !state.containsKey("paused")) {
                assertThat(state)
                        .as("state of " + task + ", where somebody waits")
                        .containsKey("announced");
            }
        }
        assertThat(number(hash(keys.meta()), "queued"))
                .as("count of queued ones")
                .isEqualTo(queued);
    }

    /** A claim is that of a lease, or tells of crashes of what has not ended well. */
    private void claims() {
        Map<String, String> claims = hash(scheduler("claims"));
        Set<String> leases = sorted(scheduler("leases")).keySet();
        assertThat(claims.keySet()).as("claims").containsAll(leases);
        claims.forEach((key, claim) -> {
            String[] parts = claim.split(" ");
            ExecutionKey of = keys.parse(key);
            assertThat(parts).as("claim of " + key).hasSize(leases.contains(key) ? parts.length : 3);
            assertThat(parts[0].equals("-"))
                    .as("no token for " + key + ": " + claim)
                    .isEqualTo(!leases.contains(key));
            assertThat(Long.parseLong(parts[1])).as("crashes of " + key).isBetween(leases.contains(key) ? 0L : 1L, 3L);
            assertThat(values).containsKey(keys.execution(of));
            assertThat(ended("done", of.task().value())).as("done ones").doesNotContainKey(key);
        });
    }

    private void listeners() {
        Set<String> listeners = hash(keys.prefix() + ":listeners").keySet();
        assertThat(sorted(keys.prefix() + ":listeners:leases").keySet())
                .as("leases of listeners")
                .isEqualTo(listeners);
        assertThat(taskIds()).as("tasks with listeners").containsAll(listeners);
    }

    /** Logs of requests are of tasks that are there. */
    private boolean isOfRequests(String key) {
        return Stream.of(RequestLog.Kind.values())
                .map(kind -> keys.tasks() + ":" + kind.word() + ":")
                .anyMatch(prefix -> key.startsWith(prefix) && taskIds().contains(key.substring(prefix.length())));
    }

    /** What is left over is known, and goes by itself. */
    private void theRest() {
        looked.addAll(List.of(keys.nodes(), keys.prefix() + ":agreed"));
        List<String> rest = new ArrayList<>(values.keySet());
        rest.removeAll(looked);
        for (String key : rest) {
            assertThat(key)
                    .as("key that nobody knows, or of a task that was removed")
                    .matches(
                            key.startsWith(keys.prefix() + ":once:")
                                    ? ".*:[0-9a-f]{32}"
                                    : key.startsWith(scheduler("request:"))
                                            ? ".*:[0-9]+"
                                            : isOfRequests(key)
                                                    ? ".*"
                                                    : keys.tasks()
                                                            + ":dedupe:[a-z][0-9]*:([0-9a-f]{32}|call-[0-9a-z]+)");
            assertThat(values.get(key).expiry()).as("expiry of " + key).isPositive();
        }
    }
}
