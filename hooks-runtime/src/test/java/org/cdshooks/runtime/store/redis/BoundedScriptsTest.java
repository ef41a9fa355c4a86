package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreCounts;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.RespClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However much is stored: no script touches more than 500 entries, so that nobody waits for long behind it. */
class BoundedScriptsTest {
    private static final long MOST = 500;

    /** Each entry needs some commands. */
    private static final long MOST_COMMANDS = MOST * 20;

    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final TaskId A = new TaskId("a");
    private static final RedisKeys KEYS = new RedisKeys("hooks");

    /** Stores executions of task a by the thousand, in all places by turns, as the scripts of the store do it. */
    private static final String FILL = KEYS.lua() + """
            local call = redis.call
            local from, count, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
            local places = {queued = 0, waiting = 0, doing = 0}
            for i = from, from + count - 1 do
              local timestamp = string.format('%.0f', i)
              local key = execution('Sample', 'a', timestamp)
              call('SET', key, '{"timestamp":' .. timestamp .. ',"uuid":"a","type":"Sample"}')
              call('ZADD', index('Sample', 'a'), timestamp, timestamp)
              if i % 5 == 0 then
                call('ZADD', line('a'), call('HINCRBY', META, 'order', 1), key)
                places.queued = places.queued + 1
              elseif i % 5 == 1 then
                call('ZADD', done('a'), timestamp, key)
              elseif i % 5 == 2 then
                call('ZADD', failed('a'), timestamp, key)
                call('ZADD', DEAD, lease, key)
              elseif i % 5 == 3 then
                call('ZADD', DUE, lease, key)
                places.waiting = places.waiting + 1
              else
                call('ZADD', LEASES, lease, key)
                call('HSET', CLAIMS, key, '7 0 1')
                places.doing = places.doing + 1
              end
            end
            call('HSET', state('a'), 'types', 'Sample\\n')
            call('HINCRBY', state('a'), 'waiting', places.waiting)
            call('HINCRBY', state('a'), 'doing', places.doing)
            call('HINCRBY', META, 'queued', places.queued)
            return count
            """;

    private final RedisServer redis = RedisServer.start();
    private final TurnedClock clock = new TurnedClock();
    private TaskStore store;

    @BeforeEach
    void open() {
        store = openStore();
    }

    private TaskStore openStore() {
        return new RedisTaskStore(RedisOptions.of(redis.uri()), Optional.of(clock), CountingScripts.load(KEYS));
    }

    @AfterEach
    void close() {
        store.close();
        redis.close();
    }

    private void fill(int count) {
        String lease = Long.toString((clock.nanos() + LEASE.toNanos()) / 1000);
        try (RespClient client = redis.connect()) {
            for (int from = 1; from <= count; from += 5000) {
                int some = Math.min(5000, count - from + 1);
                client.command("EVAL", FILL, "0", Integer.toString(from), Integer.toString(some), lease);
            }
        }
    }

    private static int eraseAll(TaskStore by) {
        int steps = 0;
        while (by.eraseRemoved()) {
            steps++;
        }
        return steps;
    }

    private void scriptsWereShort() {
        Map<String, Long> touched = CountingScripts.touched(redis);
        assertThat(touched)
                .isNotEmpty()
                .allSatisfy((script, entries) -> assertThat(entries).as(script).isLessThanOrEqualTo(MOST));
        assertThat(CountingScripts.commands(redis))
                .allSatisfy((script, commands) ->
                        assertThat(commands).as("commands of " + script).isLessThanOrEqualTo(MOST_COMMANDS));
    }

    private void whatIsStoredIsWhole() {
        CountingScripts.forget(redis);
        try (RespClient client = redis.connect()) {
            RedisAudit.run(client, KEYS);
        }
    }

    @Test
    void aTaskWithAMillionExecutionsIsGoneAtOnceAndErasedInSteps() {
        store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(3600))));
        fill(1_000_000);
        assertThat(store.counts(A)).isEqualTo(new TaskCounts(1_000_001, 200_001, 200_000, 200_000, 200_000));

        assertThat(store.removeTask(A)).isTrue();

        assertThat(store.task(A)).isEmpty();
        assertThat(store.counts(A)).isEqualTo(TaskCounts.NONE);
        assertThat(store.counts()).isEqualTo(new StoreCounts(0, 0, 0, 0, 0, 0, 0));
        assertThat(store.removeTask(A)).isFalse();
        int steps = eraseAll(store);
        assertThat(steps).isGreaterThan(1900);
        scriptsWereShort();
        whatIsStoredIsWhole();
        assertThat(redis.command("KEYS", "*").texts())
                .containsExactlyInAnyOrder("hooks:scheduler:meta", "hooks:scheduler:timers:types");
    }

    /** The remains of a removed task must neither come back nor take anything away. */
    @Test
    void aTaskMadeAnewHasNothingOfTheOneBeforeAndLosesNothingToIt() throws Exception {
        store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(5))));
        fill(3000);
        store.removeTask(A);

        store.putTask(task("a"), Optional.empty());
        List<Execution> own = new ArrayList<>();
        for (long timestamp : List.of(5L, 1004L, 2003L, 2500L, 2999L)) {
            AcceptResult accepted = store.accept(execution("a", timestamp, "new"), AcceptTerms.ANY);
            own.add(((AcceptResult.Stored) accepted).execution());
        }
        Claim old = new Claim(execution("a", 2004, "old"), 7, 0);
        assertThat(store.extend(List.of(old), LEASE)).containsExactly(old);
        assertThat(store.settle(old, Settlement.done(old.execution()))).isFalse();
        assertThat(store.abort(execution("a", 2008, "old").key(), "enough")).isEmpty();
        clock.turn(LEASE.plusSeconds(1));
        assertThat(store.dueTimers(10)).isEmpty();
        store.recover(100);
        store.promoteRetries(100);

        assertThat(store.counts(A)).isEqualTo(new TaskCounts(5, 0, 5, 0, 0));
        assertThat(store.counts().waiting()).isZero();
        assertThat(store.counts().doing()).isZero();
        List<Claim> claims = store.claim(3, 10, LEASE);
        eraseAll(store);
        claims = new ArrayList<>(claims);
        claims.addAll(store.claim(100, 10, LEASE));
        assertThat(claims)
                .extracting(Claim::key)
                .containsExactlyElementsOf(own.stream().map(Execution::key).toList());
        assertThat(claims).allMatch(claim -> claim.crashes() == 0);
        for (Claim claim : claims) {
            assertThat(store.settle(claim, Settlement.done(claim.execution()))).isTrue();
            assertThat(store.execution(claim.key()).orElseThrow().status()).isEqualTo(ExecutionStatus.DONE);
        }
        scriptsWereShort();
        whatIsStoredIsWhole();
    }

    /** Removed again, before all of the first one is erased. */
    @Test
    void twoOfOneNameAreErasedOneAfterTheOther() {
        for (int i = 0; i < 3; i++) {
            store.putTask(task("a"), Optional.empty());
            fill(1200);
            store.removeTask(A);
        }

        assertThat(eraseAll(store)).isGreaterThan(1);

        scriptsWereShort();
        whatIsStoredIsWhole();
        assertThat(redis.command("KEYS", "hooks:tasks*").texts()).isEmpty();
    }

    @Test
    void whatADeadNodeHasLeftAnotherOneErases() {
        store.putTask(task("a"), Optional.empty());
        fill(2000);
        store.removeTask(A);
        assertThat(store.eraseRemoved()).isTrue();
        store.close(); // without a word

        store = openStore();
        redis.command("DEL", "hooks:removed:eraser"); // which ends by itself after some seconds
        eraseAll(store);

        whatIsStoredIsWhole();
        assertThat(redis.command("KEYS", "hooks:tasks*").texts()).isEmpty();
    }

    @Test
    void whileOneNodeErasesTheOthersLeaveItAlone() {
        store.putTask(task("a"), Optional.empty());
        fill(3000);
        store.removeTask(A);
        try (TaskStore other = openStore()) {
            assertThat(store.eraseRemoved()).isTrue();
            assertThat(other.eraseRemoved()).isFalse();
            assertThat(store.eraseRemoved()).isTrue();
        }
    }

    @Test
    void manyExecutionsGoAtOnceAndTheTaskStays() {
        store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(5))));
        fill(20_000);
        store.pause(A, clock.instant().plusSeconds(60));
        store.pause(A, clock.instant());

        assertThat(store.removeExecutions(A)).isEqualTo(20_000);

        assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 1, 0, 0, 0));
        assertThat(store.counts()).isEqualTo(new StoreCounts(1, 1, 0, 0, 0, 0, 0));
        assertThat(store.executions(A, Long.MAX_VALUE, 10)).hasSize(1);
        assertThat(store.removeExecutions(A)).isZero();
        store.accept(execution("a", 7, "new"), AcceptTerms.ANY);
        eraseAll(store);
        clock.turn(Duration.ofSeconds(6));
        assertThat(store.dueTimers(10)).hasSize(1);
        assertThat(store.claim(10, 10, LEASE)).hasSize(1);
        scriptsWereShort();
        whatIsStoredIsWhole();
    }

    /** All that goes over many. */
    @Test
    void allOtherScriptsAreShortToo() {
        int many = 1300;
        int tasks = 600;
        for (int i = 0; i < tasks; i++) {
            TaskId id = new TaskId("t" + i);
            store.putTask(task(id.value()), Optional.empty());
            store.pause(id, clock.instant().plusSeconds(1));
            store.accept(execution(id.value(), 1, "x"), AcceptTerms.ANY);
        }
        store.putTask(task("a"), Optional.empty());
        for (int i = 1; i <= many; i++) {
            store.accept(execution("a", i, "x"), AcceptTerms.ANY);
        }
        for (int i = 0; i < many; i++) {
            redis.command("LPUSH", "hooks:scheduler:queue", "nonsense");
        }
        assertThat(store.executions(A, Long.MAX_VALUE, many + 1)).hasSize(many);
        assertThat(store.tasks(Optional.empty(), many)).hasSize(tasks + 1);
        clock.turn(Duration.ofSeconds(2));
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            claims.addAll(store.claim(5000, 5000, LEASE));
        }
        assertThat(claims).hasSize(many + tasks);
        assertThat(store.extend(claims, LEASE)).isEmpty();
        store.release(claims);
        assertThat(store.counts().queued()).isEqualTo(many + tasks);
        List<RequestLog.Entry> entries = new ArrayList<>();
        for (int round = 0; round < 120; round++) {
            for (int i = 0; i < 20; i++) {
                entries.add(new RequestLog.Entry(new TaskId("t" + i), clock.nanos() + round, new byte[] {1}));
            }
        }
        store.requests().append(RequestLog.Kind.TRACE, entries);
        assertThat(store.requests().list(RequestLog.Kind.TRACE, new TaskId("t7"), Long.MAX_VALUE, 1000))
                .hasSize(RequestLog.Kind.TRACE.count());
        List<Claim> again = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            again.addAll(store.claim(5000, 5000, LEASE));
        }
        again.forEach(claim -> store.settle(claim, Settlement.done(claim.execution())));
        assertThat(store.clean(A, 3, 0)).isEqualTo(many - 3);
        scriptsWereShort();
        whatIsStoredIsWhole();
    }

    /** Their plugin is missing on this node. */
    @Test
    void manyTimersOfAnotherTypeAreNeverRead() {
        String fill = KEYS.lua() + """
                redis.call('SADD', TIMER_TYPES, 'Gone')
                for i = tonumber(ARGV[1]), tonumber(ARGV[1]) + 4999 do
                  local key = execution('Gone', 'gone' .. i, '1')
                  redis.call('SET', key, '{}')
                  redis.call('ZADD', timers('Gone'), 1, key)
                end
                return 1
                """;
        try (RespClient client = redis.connect()) {
            for (int from = 0; from < 200_000; from += 5000) {
                client.command("EVAL", fill, "0", Integer.toString(from));
            }
        }
        store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(5))));
        assertThat(store.nextTimes(Set.of("Sample")).due())
                .contains(clock.instant().plusSeconds(5));
        clock.turn(Duration.ofSeconds(6));

        assertThat(store.dueTimers(Set.of("Sample"), 500)).hasSize(1);
        assertThat(CountingScripts.touched(redis))
                .containsEntry("due_timers", 1L)
                .containsEntry("next_due", 1L);
        assertThat(store.dueTimers(Set.of("Sample", "Gone"), 500)).hasSizeBetween(250, 500);
        assertThat(store.timersBeside(Set.of("Sample"))).isEqualTo(200_000);
        scriptsWereShort();
    }

    /** A version before this one kept the timers of all types in one set. */
    @Test
    void timersOfAnOlderVersionRing() {
        store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(5))));
        store.putTask(task("b"), Optional.of(timer("b", clock.instant().plusSeconds(6))));
        redis.command("RENAME", "hooks:scheduler:timers:of:Sample", "hooks:scheduler:timers");
        redis.command("DEL", "hooks:scheduler:timers:types");
        assertThat(store.counts().waiting()).isEqualTo(2);
        store.removeTask(new TaskId("b"));

        assertThat(store.nextTimes(Set.of("Sample")).due())
                .contains(clock.instant().plusSeconds(5));
        clock.turn(Duration.ofSeconds(7));
        assertThat(store.dueTimers(Set.of("Sample"), 10)).hasSize(1);
        assertThat(redis.command("EXISTS", "hooks:scheduler:timers").number()).isZero();
        whatIsStoredIsWhole();
    }
}
