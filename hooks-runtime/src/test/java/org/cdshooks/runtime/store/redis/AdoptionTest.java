package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.cdshooks.runtime.store.redis.CdsRedis.failed;
import static org.cdshooks.runtime.store.redis.CdsRedis.request;
import static org.cdshooks.runtime.store.redis.CdsRedis.scheduled;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a Redis that CDS's own service has filled. */
class AdoptionTest {
    private static final String REQUESTS = "Asked";
    private static final String TIMES = "Timed";

    private static RedisServer redis;

    private final TurnedClock clock = new TurnedClock();
    private CdsRedis cds;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void emptyRedis() {
        redis.command("FLUSHALL");
        cds = new CdsRedis(redis);
        // Some seconds after the dump was made.
        clock.turn(Duration.between(clock.instant(), Instant.parse("2026-11-24T02:59:10Z")));
    }

    private TaskStore openAtOnce() {
        return RedisStores.open(RedisOptions.of(redis.uri()), clock);
    }

    /** Opens the store and waits until all is taken over. */
    private TaskStore open() {
        TaskStore store = openAtOnce();
        awaitServing(store);
        return store;
    }

    private long nanos(Duration fromNow) {
        return Samples.nanos(clock.instant().plus(fromNow));
    }

    /** The places of all executions of a task, by timestamp. */
    private static Map<Long, ExecutionStatus> places(TaskStore store, String task) {
        Map<Long, ExecutionStatus> places = new TreeMap<>();
        store.executions(new TaskId(task), Long.MAX_VALUE, 1000)
                .forEach(each -> places.put(each.key().timestamp(), each.status()));
        return places;
    }

    private static List<Long> inLine(TaskStore store, String task) {
        return store.claim(100, 100, Duration.ofMinutes(1)).stream()
                .map(Claim::key)
                .filter(key -> key.task().value().equals(task))
                .map(key -> key.timestamp())
                .toList();
    }

    static void awaitServing(TaskStore store) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (store.problem().isPresent() && System.nanoTime() < end) {
            LockSupport.parkNanos(10_000_000);
        }
        assertThat(store.problem()).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ the dump

    @Test
    void everyTaskAndExecutionOfTheDumpIsThereWithItsContent() throws Exception {
        cds.loadDump();

        try (TaskStore store = open()) {
            assertThat(store.problem()).isEmpty();
            Map<String, TaskRecord> tasks = new HashMap<>();
            store.tasks(Optional.empty(), 100)
                    .forEach(task -> tasks.put(task.id().value(), task));
            int executions = 0;
            for (JsonNode entry : CdsRedis.dump()) {
                String key = entry.get("key").asText();
                if (!entry.get("type").asText().equals("string")) {
                    continue;
                }
                JsonNode before = CdsRedis.JSON.readTree(entry.get("value").asText());
                assertThat(redis.command("GET", key).text())
                        .isEqualTo(entry.get("value").asText());
                if (key.startsWith("hooks:tasks:executions:") && !key.contains(":-")) {
                    executions++;
                    Execution found = store.execution(
                                    new TaskId(before.get("uuid").asText()),
                                    before.get("timestamp").asLong())
                            .orElseThrow();
                    assertThat(found.key().toString()).isEqualTo(key);
                    assertThat(found.errors()).isEqualTo(before.get("nb_errors").asInt());
                    assertThat(found.run()).isEqualTo(before.get("workflow_run").asLong());
                } else if (!key.startsWith("hooks:tasks:executions:") && !key.endsWith(":")) {
                    TaskRecord found = tasks.remove(before.get("uuid").asText());
                    assertThat(found.stopped()).isEqualTo(before.get("stopped").asBoolean());
                    assertThat(found.config()).hasSameSizeAs(before.get("config"));
                    assertThat(found.revision()).isPositive();
                    assertThat(Instant.ofEpochSecond(0, found.createdAt()))
                            .isBetween(Instant.parse("2026-11-24T02:50:00Z"), clock.instant());
                }
            }
            assertThat(tasks).isEmpty();
            assertThat(executions).isEqualTo(34);
        }
    }

    @Test
    void executionsOfTheDumpStandWhereTheyBelong() throws Exception {
        cds.loadDump();

        try (TaskStore store = open()) {
            assertThat(store.counts().tasks()).isEqualTo(16);
            assertThat(store.counts().waiting()).as("4 timers, 3 retries").isEqualTo(7);
            assertThat(store.counts().queued()).isZero();
            assertThat(store.counts().failed()).as("tries used up").isEqualTo(1);
            assertThat(places(store, "4c1a4192-7268-4ccc-b2dc-c957fa605a9e"))
                    .hasSize(10)
                    .containsEntry(1795488874980648959L, ExecutionStatus.FAILED)
                    .containsEntry(1795488908387349845L, ExecutionStatus.DONE);
            assertThat(places(store, "t-wh")).containsValue(ExecutionStatus.SCHEDULED);
            assertThat(store.dueTimers(10))
                    .extracting(due -> due.execution().key().task().value())
                    .as("was due when the dump was made, others later")
                    .containsExactly("e0aafe9a-bf56-48f7-b5df-4d14945a5656");
            assertThat(store.promoteRetries(10)).isEqualTo(3);
            assertThat(inLine(store, "be71f27f-041c-423f-a59c-e6339fa606de"))
                    .containsExactly(1795489111807346203L, 1795489113329600127L);
            assertThat(store.counts(new TaskId("t-zero")).total()).isZero();
        }
        assertThat(cds.problems())
                .hasSize(2)
                .anyMatch(problem -> problem.startsWith("task '' has an id that can't be"))
                .anyMatch(problem -> problem.contains(":t-zero:-6795364578871345152 has a timestamp that can't be"));
        assertThat(cds.hash("hooks:adopted:aside"))
                .containsEntry("hooks:tasks ", "1.7954891362465633e+18")
                .containsKey("hooks:tasks:executions:Scheduler:t-zero -6795364578871345152");
    }

    @Test
    void aSecondStartChangesNothing() throws Exception {
        cds.loadDump();
        open().close();
        Map<String, Object> first = cds.everything();

        open().close();

        assertThat(cds.everything()).isEqualTo(first);
        assertThat(first).doesNotContainKeys("hooks:adopting", "hooks:adopting:lock", "hooks:adopting:types");
    }

    /** A link that breaks at a call: before it was made, or after. */
    private static final class Breaking implements Admission.Asker {
        private final Link link;
        private final boolean isDone;
        private int left;

        Breaking(Link link, int calls, boolean isDone) {
            this.link = link;
            this.left = calls;
            this.isDone = isDone;
        }

        @Override
        public Answer run(Script script, Object... arguments) {
            if (left-- > 0) {
                return link.run(Link.Use.WORK, script, arguments);
            }
            if (isDone) {
                link.run(Link.Use.WORK, script, arguments);
            }
            throw new StoreUnavailableException("broken here", false);
        }
    }

    @Test
    void whereverItIsKilledTheNextNodeGoesOnToTheSameEnd() throws Exception {
        fillWithAllKinds();
        open().close();
        Map<String, Object> uninterrupted = cds.everything();
        RedisKeys keys = new RedisKeys("hooks");
        String now = Long.toString(Micros.passed(clock.instant()));
        try (Link link = RedisFixtures.link(redis)) {
            int kills = 0;
            for (int calls = 0; ; calls++) {
                emptyRedis();
                fillWithAllKinds();
                boolean isWhole = false;
                for (boolean isDone : List.of(true, false)) {
                    Breaking breaking = new Breaking(link, calls, isDone);
                    breaking.left++;
                    breaking.run(Script.LAYOUT, now, "first-" + isDone, "1");
                    Throwable failure =
                            catchThrowable(() -> new Takeover(keys, "first-" + isDone, 3, () -> now, breaking).run());
                    isWhole = failure == null;
                    kills += isWhole ? 0 : 1;
                    redis.command("DEL", "hooks:adopting:lock"); // its time is over
                }
                open().close();

                assertThat(cds.everything()).as("killed at call %d", calls).isEqualTo(uninterrupted);
                if (isWhole) {
                    break;
                }
            }
            assertThat(kills).isGreaterThan(20);
        }
    }

    @Test
    void callsThatComeOnceMoreAndLateChangeNothing() throws Exception {
        fillWithAllKinds();
        open().close();
        Map<String, Object> uninterrupted = cds.everything();
        emptyRedis();
        fillWithAllKinds();
        RedisKeys keys = new RedisKeys("hooks");
        String now = Long.toString(Micros.passed(clock.instant()));
        try (Link link = RedisFixtures.link(redis)) {
            link.run(Link.Use.WORK, Script.LAYOUT, now, "node", "1");
            List<Runnable> changes = new ArrayList<>();

            new Takeover(keys, "node", 3, () -> now, (script, arguments) -> {
                        if (script == Script.ADOPT_END) {
                            changes.forEach(Runnable::run);
                        } else {
                            changes.add(() -> link.run(Link.Use.WORK, script, arguments));
                        }
                        return link.run(Link.Use.WORK, script, arguments);
                    })
                    .run();
        }
        assertThat(cds.everything()).isEqualTo(uninterrupted);
    }

    private void fillWithAllKinds() throws Exception {
        cds.loadDump();
        fillWithLeftovers();
        cds.task("broken", REQUESTS);
        redis.command("SET", "hooks:tasks:broken", "{\"uuid\":");
        redis.command("ZADD", "hooks:tasks:executions:" + REQUESTS + ":asked", "1", "12345");
        redis.command(
                "SET",
                "hooks:tasks:executions:Older:asked:77",
                CdsRedis.JSON.writeValueAsString(request("Older", "asked", 77, "DONE")));
        cds.queue("junk");
    }

    // ------------------------------------------------------------------------------------------------ leftovers

    /** Two tasks with executions in all states. The clock of the other service is that of this machine, and tells nothing. */
    private void fillWithLeftovers() throws Exception {
        cds.task("asked", REQUESTS);
        cds.task("timed", TIMES);
        String third = cds.save(request(REQUESTS, "asked", 1003, ""));
        String second = cds.save(request(REQUESTS, "asked", 1002, ""));
        String first = cds.save(failed(request(REQUESTS, "asked", 1004, "ENQUEUED"), 1));
        cds.save(request(REQUESTS, "asked", 1001, "DOING"));
        cds.save(request(REQUESTS, "asked", 1005, "ENQUEUED"));
        cds.save(request(REQUESTS, "asked", 1006, "SCHEDULED"));
        cds.save(failed(request(REQUESTS, "asked", 1007, "DONE"), 2));
        cds.save(failed(request(REQUESTS, "asked", 1008, "DONE"), 3));
        cds.save(failed(request(REQUESTS, "asked", 1009, ""), 1));
        cds.save(failed(request(REQUESTS, "asked", 1010, "ENQUEUED"), 3));
        cds.save(request(REQUESTS, "asked", 1011, "DONE").put("processing_timestamp", 2000));
        cds.save(request(REQUESTS, "asked", 1012, "").put("processing_timestamp", 2000));
        cds.save(request(REQUESTS, "asked", 1013, "DONE").put("last_error", "skipped: busy"));
        cds.queue('"' + first + '"');
        cds.queue(second);
        cds.queue('"' + third + '"');
        cds.queue('"' + second + '"');
        cds.queue("\"hooks:tasks:executions:" + REQUESTS + ":asked:999\"");
        cds.save(scheduled(TIMES, "timed", nanos(Duration.ofHours(1)), "SCHEDULED"));
        cds.save(scheduled(TIMES, "timed", nanos(Duration.ofHours(-1)), "DOING"));
    }

    @Test
    void leftoversStandWhereTheirJsonSays() throws Exception {
        fillWithLeftovers();

        try (TaskStore store = open()) {
            assertThat(places(store, "asked"))
                    .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                            Map.entry(1001L, ExecutionStatus.ENQUEUED),
                            Map.entry(1002L, ExecutionStatus.ENQUEUED),
                            Map.entry(1003L, ExecutionStatus.ENQUEUED),
                            Map.entry(1004L, ExecutionStatus.ENQUEUED),
                            Map.entry(1005L, ExecutionStatus.ENQUEUED),
                            Map.entry(1006L, ExecutionStatus.ENQUEUED),
                            Map.entry(1007L, ExecutionStatus.SCHEDULED),
                            Map.entry(1008L, ExecutionStatus.FAILED),
                            Map.entry(1009L, ExecutionStatus.SCHEDULED),
                            Map.entry(1010L, ExecutionStatus.FAILED),
                            Map.entry(1011L, ExecutionStatus.DONE),
                            Map.entry(1012L, ExecutionStatus.DONE),
                            Map.entry(1013L, ExecutionStatus.DONE)));
            assertThat(places(store, "timed").values())
                    .containsExactly(ExecutionStatus.ENQUEUED, ExecutionStatus.SCHEDULED);
            assertThat(store.counts(new TaskId("asked")).queued()).isEqualTo(6);
            assertThat(store.nextDue()).contains(clock.instant());
            assertThat(store.promoteRetries(10)).isEqualTo(2);
        }
        assertThat(cds.problems()).isEmpty();
    }

    @Test
    void theQueueOfTheOtherServiceComesFirstAndInItsOrder() throws Exception {
        fillWithLeftovers();

        try (TaskStore store = open()) {
            assertThat(cds.queue()).hasSize(2).allMatch(element -> element.matches("\"hooks:tasks:executions:.*\""));
            assertThat(inLine(store, "asked")).containsExactly(1004L, 1002L, 1003L, 1001L, 1005L, 1006L);
        }
    }

    @Test
    void junkInTheQueueIsPutAsideAndReported() throws Exception {
        cds.task("asked", REQUESTS);
        String key = cds.save(request(REQUESTS, "asked", 1, ""));
        cds.queue("junk");
        cds.queue("\"hooks:tasks:executions:x\"");
        cds.queue(key);
        cds.queue("");

        try (TaskStore store = open()) {
            assertThat(inLine(store, "asked")).containsExactly(1L);
        }
        assertThat(redis.command("LRANGE", "hooks:adopted:aside:queue", "0", "-1")
                        .texts())
                .containsExactlyInAnyOrder("junk", "\"hooks:tasks:executions:x\"", "");
        assertThat(cds.problems()).hasSize(3).allMatch(problem -> problem.contains("hooks:scheduler:queue"));
    }

    /** Defect A7 of CDS. */
    @Test
    void whatIsBrokenIsPutAsideAndAllElseGoesOn() throws Exception {
        cds.task("asked", REQUESTS);
        cds.saveTask("cut", "{\"uuid\":\"cut\"");
        cds.saveTask("other", "{\"uuid\":\"someone\",\"type\":\"" + REQUESTS + "\"}");
        cds.saveTask("a:b", "{}");
        redis.command("ZADD", "hooks:tasks", "5", "bare");
        redis.command("HSET", "hooks:tasks:hash", "a", "b");
        redis.command("ZADD", "hooks:tasks", "5", "hash");
        cds.save(request(REQUESTS, "asked", 1, ""));
        redis.command("SET", cds.save(request(REQUESTS, "asked", 2, "")), "not JSON");
        redis.command("SET", cds.save(request(REQUESTS, "asked", 3, "")), "{\"uuid\":\"asked\",\"type\":\"Other\"}");
        redis.command("DEL", cds.save(request(REQUESTS, "asked", 4, "")));
        cds.save(request(REQUESTS, "asked", 5, "WHATEVER"));
        String index = "hooks:tasks:executions:" + REQUESTS + ":asked";
        redis.command("ZADD", index, "5", "007");
        redis.command("ZADD", index, "5", "99999999999999999999");
        redis.command("ZADD", index, "5", "word");
        redis.command("SET", "hooks:tasks:executions:String:asked", "no index");
        cds.save(request(REQUESTS, "gone", 1, ""));
        String before = redis.command("GET", index + ":2").text();

        try (TaskStore store = open()) {
            assertThat(store.problem()).isEmpty();
            assertThat(store.tasks(Optional.empty(), 100))
                    .extracting(task -> task.id().value())
                    .containsExactly("asked");
            assertThat(store.counts().tasks()).isEqualTo(1);
            assertThat(places(store, "asked")).containsExactly(Map.entry(1L, ExecutionStatus.ENQUEUED));
            assertThat(inLine(store, "asked")).containsExactly(1L);
        }
        assertThat(redis.command("GET", index + ":2").text()).isEqualTo(before);
        assertThat(redis.command(
                                "EXISTS",
                                "hooks:tasks:cut",
                                index + ":5",
                                "hooks:tasks:executions:" + REQUESTS + ":gone:1")
                        .number())
                .isEqualTo(3);
        assertThat(String.join("\n", cds.problems()))
                .contains("task 'cut' can't be read", "task 'other' has JSON of task 'someone'", "task 'a:b' has an id")
                .contains("task 'bare' has no JSON", "task 'hash' has no JSON")
                .contains(index + ":2 can't be read", index + ":3 has JSON of", index + ":4 has no JSON")
                .contains(index + ":5 can't be read", index + ":007 has a timestamp", index + ":word has a timestamp")
                .contains(index + ":99999999999999999999 has a timestamp")
                .contains("hooks:tasks:executions:String:asked is left as it is: it is no index")
                .contains("hooks:tasks:executions:" + REQUESTS + ":gone:1 is left as it is: its task is not there");
        assertThat(cds.hash("hooks:adopted:aside")).hasSize(12).containsEntry("hooks:tasks bare", "5");
    }

    @Test
    void whatIsInNoIndexIsTakenOver() throws Exception {
        cds.task("asked", REQUESTS);
        cds.task("hidden", REQUESTS);
        cds.save(request(REQUESTS, "asked", 1, ""));
        cds.save(request(REQUESTS, "asked", 2, ""));
        cds.save(request("Before", "asked", 3, "DONE"));
        cds.save(request(REQUESTS, "hidden", 4, ""));
        redis.command("ZREM", "hooks:tasks:executions:" + REQUESTS + ":asked", "1");
        redis.command("DEL", "hooks:tasks:executions:" + REQUESTS + ":hidden");
        redis.command("ZREM", "hooks:tasks", "hidden");

        try (TaskStore store = open()) {
            assertThat(places(store, "asked"))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            1L, ExecutionStatus.ENQUEUED, 2L, ExecutionStatus.ENQUEUED, 3L, ExecutionStatus.DONE));
            assertThat(places(store, "hidden")).containsExactly(Map.entry(4L, ExecutionStatus.ENQUEUED));
            assertThat(store.removeTask(new TaskId("asked"))).isTrue();
        }
        assertThat(redis.command("KEYS", "*:asked*").texts()).isEmpty();
        assertThat(cds.problems())
                .hasSize(3)
                .anyMatch(problem -> problem.contains("hooks:tasks:hidden was not in hooks:tasks and is taken over"))
                .allMatch(problem -> problem.contains("perhaps its removal was cut short"));
    }

    @Test
    void manyExecutionsAreTakenOverPageByPage() throws Exception {
        cds.task("asked", REQUESTS);
        String index = "hooks:tasks:executions:" + REQUESTS + ":asked";
        for (int i = 1; i <= 1000; i++) {
            ObjectNode execution = request(REQUESTS, "asked", i, i % 3 == 0 ? "DONE" : "");
            if (i % 3 == 0) {
                execution.put("processing_timestamp", 1);
            }
            if (i % 100 == 0) {
                execution.put("padding", "x".repeat(3 << 20));
            }
            // The index is in another order than time, as saves are.
            redis.command("ZADD", index, Integer.toString(i * 7919 % 1009), Integer.toString(i));
            redis.command("SET", index + ":" + i, i % 50 == 7 ? "broken" : CdsRedis.JSON.writeValueAsString(execution));
        }
        for (int i = 0; i < 250; i++) {
            cds.task("task-" + i, REQUESTS);
        }

        try (TaskStore store = open()) {
            awaitServing(store);
            assertThat(store.counts().tasks()).isEqualTo(251);
            assertThat(store.tasks(Optional.empty(), 1000)).hasSize(251);
            assertThat(store.counts(new TaskId("asked")).total()).isEqualTo(980);
            List<Long> line = new ArrayList<>();
            List<Long> some;
            do {
                some = inLine(store, "asked");
                line.addAll(some);
                store.removeExecutions(new TaskId("nobody"));
            } while (some.size() == 100 && line.size() < 100);
            assertThat(line).hasSize(100).isSorted();
        }
        assertThat(cds.problems()).hasSize(20);
    }

    // ------------------------------------------------------------------------------------------------ timers

    @Test
    void oneRunOfATimerWaitsAndTheOthersAreQueuedOrRecorded() throws Exception {
        cds.task("both", TIMES);
        cds.task("due", TIMES);
        cds.task("stopped", TIMES, true);
        cds.task("changed", REQUESTS);
        for (int minutes : List.of(-20, -10, 10, 20)) {
            cds.save(scheduled(TIMES, "both", nanos(Duration.ofMinutes(minutes)), "SCHEDULED"));
        }
        cds.save(scheduled(TIMES, "due", nanos(Duration.ofMinutes(-20)), "SCHEDULED"));
        cds.save(scheduled(TIMES, "due", nanos(Duration.ofMinutes(-10)), "SCHEDULED"));
        cds.save(scheduled(TIMES, "stopped", nanos(Duration.ofMinutes(-10)), "SCHEDULED"));
        cds.save(scheduled(TIMES, "changed", nanos(Duration.ofMinutes(10)), "SCHEDULED"));
        cds.task("queued", TIMES);
        cds.queue(cds.save(scheduled(TIMES, "queued", nanos(Duration.ofMinutes(-10)), "SCHEDULED")));

        try (TaskStore store = open()) {
            assertThat(places(store, "both").values())
                    .containsExactly(
                            ExecutionStatus.DONE,
                            ExecutionStatus.ENQUEUED,
                            ExecutionStatus.SCHEDULED,
                            ExecutionStatus.DONE);
            assertThat(places(store, "due").values()).containsExactly(ExecutionStatus.DONE, ExecutionStatus.SCHEDULED);
            assertThat(places(store, "changed").values()).containsExactly(ExecutionStatus.DONE);
            assertThat(places(store, "queued").values()).containsExactly(ExecutionStatus.ENQUEUED);
            assertThat(store.dueTimers(10))
                    .extracting(due -> due.execution().key().task().value())
                    .containsExactlyInAnyOrder("due", "stopped");
            assertThat(store.executions(new TaskId("both"), Long.MAX_VALUE, 10))
                    .extracting(Execution::lastError)
                    .containsExactly(
                            "skipped: an earlier run of this task was scheduled as well by the CDS hooks service",
                            "",
                            "",
                            "skipped: a later run was due as well when the CDS hooks service had ended");
            assertThat(store.executions(new TaskId("changed"), Long.MAX_VALUE, 10))
                    .extracting(Execution::lastError)
                    .containsExactly("skipped: the task has another hook type now");
            assertThat(store.nextDue()).contains(clock.instant().minus(Duration.ofMinutes(10)));
        }
    }

    // ------------------------------------------------------------------------------------------------ many nodes

    @Test
    void othersWaitWhileOneNodeTakesOver() throws Exception {
        cds.loadDump();
        redis.command("SET", "hooks:adopting:lock", "another");
        redis.command("HSET", "hooks:adopting", "generation", "1", "done", "3", "total", "17");

        try (TaskStore store = openAtOnce()) {
            assertThat(store.problem())
                    .contains("this Redis is being taken over from the CDS hooks service by another node,"
                            + " 3 of 17 tasks");
            assertThatThrownBy(() -> store.accept(Samples.execution("t-wh", 1, "x"), AcceptTerms.ANY))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("taken over");

            redis.command("DEL", "hooks:adopting:lock", "hooks:adopting"); // it died

            awaitServing(store);
            assertThat(store.counts().tasks()).isEqualTo(16);
        }
    }

    @Test
    void whoHasLostItsTurnChangesNothing() throws Exception {
        cds.loadDump();
        Map<String, Object> before = cds.everything();
        try (Link link = RedisFixtures.link(redis)) {
            for (Script script : Script.values()) {
                if (script.name().startsWith("ADOPT_")) {
                    assertThat(link.run(Link.Use.WORK, script, "", "late", "a", "b", "1", "2", "3")
                                    .text())
                            .as("%s", script)
                            .isEqualTo("lost");
                }
            }
        }
        assertThat(cds.everything()).isEqualTo(before);
    }

    @Test
    void aRedisOfANewerVersionIsLeftAlone() throws Exception {
        cds.loadDump();
        redis.command("HSET", "hooks:scheduler:meta", "layout", "2");
        Map<String, Object> before = cds.everything();

        try (TaskStore store = openAtOnce()) {
            assertThat(store.problem()).isPresent().get().asString().contains("newer version", "layout 2");
        }

        assertThat(cds.everything()).isEqualTo(before);
    }

    @Test
    void aRedisThatIsEmptiedUnderARunningNodeIsServedAgain() {
        try (TaskStore store = open()) {
            store.putTask(Samples.task("one"), Optional.empty());
            redis.command("FLUSHALL");

            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (redis.command("HEXISTS", "hooks:scheduler:meta", "layout").number() == 0
                    && System.nanoTime() < end) {
                LockSupport.parkNanos(10_000_000);
            }
            awaitServing(store);

            assertThat(cds.hash("hooks:scheduler:meta")).containsEntry("layout", "1");
        }
    }

    // ------------------------------------------------------------------------------------------------ there and back

    @Test
    void aRedisThatTheOtherServiceHasUsedInBetweenIsTakenOverAgain() throws Exception {
        cds.task("asked", REQUESTS);
        cds.task("timed", TIMES);
        cds.task("removed", REQUESTS);
        cds.save(scheduled(TIMES, "timed", nanos(Duration.ofMinutes(10)), "SCHEDULED"));
        String queued;
        try (TaskStore store = open()) {
            store.accept(
                    Execution.of(
                            new org.cdshooks.runtime.task.ExecutionKey(REQUESTS, new TaskId("asked"), 5000),
                            "http",
                            Map.of(),
                            org.cdshooks.api.Payload.empty()),
                    new AcceptTerms(Optional.empty(), Duration.ZERO, 10, Optional.of("cursor-1")));
            store.accept(Samples.execution("removed", 1, "x"), AcceptTerms.ANY);
            queued = "hooks:tasks:executions:" + REQUESTS + ":asked:5000";
        }
        // The other service takes from the queue, saves all tasks, runs the timer, gets a request, removes a task.
        redis.command("RPOP", "hooks:scheduler:queue");
        redis.command("RPOP", "hooks:scheduler:queue");
        redis.command(
                "SET",
                queued,
                CdsRedis.JSON.writeValueAsString(
                        request(REQUESTS, "asked", 5000, "DONE").put("processing_timestamp", 5001)));
        cds.save(request(REQUESTS, "asked", 6000, ""));
        cds.save(
                scheduled(TIMES, "timed", nanos(Duration.ofMinutes(10)), "DONE").put("processing_timestamp", 1));
        cds.save(scheduled(TIMES, "timed", nanos(Duration.ofMinutes(20)), "SCHEDULED"));
        redis.command("ZREM", "hooks:tasks", "removed");
        redis.command("DEL", "hooks:tasks:removed");
        cds.task("asked", REQUESTS);
        cds.task("timed", TIMES);

        try (TaskStore store = open()) {
            assertThat(store.problem()).isEmpty();
            assertThat(places(store, "asked"))
                    .isEqualTo(Map.of(5000L, ExecutionStatus.DONE, 6000L, ExecutionStatus.ENQUEUED));
            assertThat(places(store, "timed").values())
                    .containsExactly(ExecutionStatus.DONE, ExecutionStatus.SCHEDULED);
            assertThat(store.cursor(new TaskId("asked"))).contains("cursor-1");
            assertThat(store.task(new TaskId("removed"))).isEmpty();
            assertThat(store.putTask(Samples.task("removed"), Optional.empty()).revision())
                    .isPositive();
            assertThat(store.tasks(Optional.empty(), 10)).hasSize(3);
            assertThat(store.counts().queued()).isEqualTo(1);
            assertThat(inLine(store, "asked")).containsExactly(6000L);
        }
    }

    @Test
    void whatWaitsForAnotherAttemptWaitsForOneInTheOtherServiceToo() throws Exception {
        cds.task("asked", REQUESTS);
        cds.save(request(REQUESTS, "asked", 1, ""));
        cds.save(request(REQUESTS, "asked", 2, ""));
        try (TaskStore store = open()) {
            List<Claim> claims = store.claim(2, 2, Duration.ofMinutes(1));
            Instant due = clock.instant().plus(Duration.ofHours(1));
            store.settle(claims.get(0), retry(claims.get(0).execution().begun(5).failed("no"), due));
            store.settle(claims.get(1), retry(claims.get(1).execution().begun(5).deferred("rest"), due));
            assertThat(places(store, "asked").values()).containsOnly(ExecutionStatus.SCHEDULED);
        }

        String index = "hooks:tasks:executions:" + REQUESTS + ":asked:";
        assertThat(redis.command("GET", index + "1").text()).contains("\"status\":\"DONE\"", "\"nb_errors\":1");
        assertThat(redis.command("GET", index + "2").text()).contains("\"status\":\"ENQUEUED\"", "\"nb_errors\":0");
        redis.command("HDEL", "hooks:scheduler:meta", "layout");
        try (TaskStore store = open()) {
            assertThat(places(store, "asked"))
                    .isEqualTo(Map.of(1L, ExecutionStatus.SCHEDULED, 2L, ExecutionStatus.ENQUEUED));
        }
    }

    private static Settlement retry(Execution execution, Instant due) {
        return new Settlement.Retry(execution, due);
    }

    @Test
    void whatOurNodesHaveDoneTheOtherServiceCanRead() throws Exception {
        cds.loadDump();
        try (TaskStore store = open()) {
            store.promoteRetries(10);
            for (Due due : store.dueTimers(10)) {
                store.ring(new org.cdshooks.runtime.store.Ring(
                        due.execution().key(),
                        new org.cdshooks.runtime.store.Ring.Fate.Run(Optional.empty()),
                        List.of(),
                        Optional.of(new Due(
                                due.execution().at(nanos(Duration.ofMinutes(1))),
                                clock.instant().plus(Duration.ofMinutes(1))))));
            }
            store.putTask(store.task(new TaskId("b2")).orElseThrow().stopped("for good"), Optional.empty());
            List<Claim> claims = store.claim(10, 10, Duration.ofMinutes(1));
            assertThat(claims).hasSize(4);
            Execution first = claims.get(0).execution().begun(clock.nanos());
            store.settle(claims.get(0), Settlement.done(first.delivered("{}", 7)));
            store.settle(
                    claims.get(1),
                    new Settlement.Retry(
                            claims.get(1).execution().begun(clock.nanos()).failed("no"), clock.instant()));
            store.settle(
                    claims.get(2),
                    new Settlement.Failed(
                            claims.get(2).execution().begun(clock.nanos()).failed("no")));
            store.accept(
                    Execution.of(first.key().at(clock.nanos()), "http", Map.of(), org.cdshooks.api.Payload.empty()),
                    AcceptTerms.ANY);
        }

        Map<String, Map<String, JsonNode>> shapes = shapes();
        int read = 0;
        for (Map.Entry<String, Object> entry : cds.everything().entrySet()) {
            String key = entry.getKey();
            boolean isExecution = key.matches("hooks:tasks:executions:[^:]+:[^:]+:\\d+");
            if (isExecution || key.matches("hooks:tasks:[^:]+")) {
                read++;
                JsonNode json = CdsRedis.JSON.readTree((String) entry.getValue());
                assertReadable(key, json, shapes.get(isExecution ? "execution" : "task"));
                assertThat(key)
                        .endsWith(json.get(isExecution ? "timestamp" : "uuid").asText());
            }
        }
        assertThat(read).isGreaterThan(50);
        assertThat(cds.queue()).isNotEmpty().allMatch(element -> element.matches("\"hooks:tasks:executions:.*\""));
        for (String task : cds.tasks()) {
            assertThat(redis.command("EXISTS", "hooks:tasks:" + task).number()).isEqualTo(1);
        }
    }

    /** What a member of each kind looks like, by the dump: that service reads a number as a number and nothing else. */
    private static Map<String, Map<String, JsonNode>> shapes() throws Exception {
        Map<String, Map<String, JsonNode>> shapes = new HashMap<>();
        for (JsonNode entry : CdsRedis.dump()) {
            if (entry.get("type").asText().equals("string")) {
                boolean isExecution = entry.get("key").asText().startsWith("hooks:tasks:executions:");
                Map<String, JsonNode> members =
                        shapes.computeIfAbsent(isExecution ? "execution" : "task", kind -> new HashMap<>());
                CdsRedis.JSON
                        .readTree(entry.get("value").asText())
                        .properties()
                        .forEach(member -> members.put(member.getKey(), member.getValue()));
            }
        }
        return shapes;
    }

    private static void assertReadable(String key, JsonNode json, Map<String, JsonNode> members) {
        members.forEach((name, sample) -> {
            boolean isOptional =
                    List.of("last_error", "webhook", "scheduled_task").contains(name);
            assertThat(json.has(name) || isOptional).as("%s has %s", key, name).isTrue();
            if (json.has(name)) {
                assertThat(json.get(name).getNodeType()).as("%s: %s", key, name).isEqualTo(sample.getNodeType());
                assertThat(json.get(name).isIntegralNumber()).isEqualTo(sample.isIntegralNumber());
            }
        });
        json.get("config")
                .forEach(value -> assertThat(value.fieldNames())
                        .toIterable()
                        .containsExactlyInAnyOrder("value", "configurable", "type"));
    }
}
