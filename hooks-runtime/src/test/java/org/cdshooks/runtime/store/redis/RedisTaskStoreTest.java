package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.TaskChangeListener;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TaskStoreContract;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The store on one real Redis, emptied before each test. */
class RedisTaskStoreTest extends TaskStoreContract {
    private static RedisServer redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Override
    protected TaskStore open() throws Exception {
        redis.command("FLUSHALL");
        return RedisStores.open(RedisOptions.of(redis.uri()), clock);
    }

    @Override
    protected TaskStore reopen(TaskStore opened) {
        opened.close();
        return RedisStores.open(RedisOptions.of(redis.uri()), clock);
    }

    /** Random addresses under /webhook/ are what anybody can send; they must not fill Redis. */
    @Test
    void whatIsSentToTasksThatAreNotThereLeavesNothingInRedis() {
        long before = redis.command("DBSIZE").number();

        for (int i = 0; i < 1000; i++) {
            AcceptTerms terms = AcceptTerms.ANY.dedup("d" + i, Duration.ofHours(1));
            assertThat(store.accept(Samples.execution("nobody" + i, i + 1, "x"), terms))
                    .isInstanceOf(AcceptResult.NoSuchTask.class);
        }

        assertThat(redis.command("DBSIZE").number()).isEqualTo(before);
    }

    /** Operators of CDS know the order of this set. */
    @Test
    void tasksStandInTheOrderInWhichTheyWereMadeWithTheTimeAsScore() {
        clock.turn(Duration.ofHours(1));
        long created = store.putTask(Samples.task("c"), Optional.empty()).createdAt();
        store.putTask(Samples.task("d"), Optional.empty());

        assertThat(created).isEqualTo(Samples.nanos(clock.instant()));
        assertThat(Double.parseDouble(
                        redis.command("ZSCORE", "hooks:tasks", "c").text()))
                .isEqualTo((double) created);
        assertThat(redis.command("ZRANGE", "hooks:tasks", "0", "-1").texts()).containsExactly("a", "b", "c", "d");
    }

    @Test
    void anExecutionThatSomebodyHasDeletedByHandIsPassedOver() {
        store.accept(Samples.execution("a", 1, "x"), AcceptTerms.ANY);
        store.accept(Samples.execution("a", 2, "x"), AcceptTerms.ANY);
        store.accept(Samples.execution("a", 3, "x"), AcceptTerms.ANY);
        redis.command("DEL", "hooks:tasks:executions:Sample:a:2");

        assertThat(store.executions(new TaskId("a"), Long.MAX_VALUE, 10))
                .extracting(execution -> execution.key().timestamp())
                .containsExactly(3L, 1L);

        store.removeExecutions(new TaskId("a"));
    }

    /** CDS's queue is a list that others can push to. */
    @Test
    void whatIsNoKeyInTheQueueIsDroppedAndHoldsNobodyUp() {
        store.accept(Samples.execution("a", 1, "x"), AcceptTerms.ANY);
        redis.command("RPUSH", "hooks:scheduler:queue", "\"nonsense\"", "", "hooks:tasks:executions:Sample:gone:7");

        assertThat(store.claim(10, 10, Duration.ofSeconds(30))).hasSize(1);
        assertThat(redis.command("LLEN", "hooks:scheduler:queue").number()).isZero();
    }

    /** Half of a task is none: its record was deleted by hand, or it is one that another service has just saved. */
    @Test
    void halfATaskAndAnExecutionInNoIndexAreNotThere() {
        store.putTask(Samples.task("a"), Optional.empty());
        store.putTask(Samples.task("b"), Optional.empty());
        store.accept(Samples.execution("a", 1, "x"), AcceptTerms.ANY);
        redis.command("DEL", "hooks:tasks:a");
        redis.command("DEL", "hooks:tasks:state:b");
        redis.command("SET", "hooks:tasks:executions:Sample:a:2", "{}");

        assertThat(store.task(new TaskId("a"))).isEmpty();
        assertThat(store.task(new TaskId("b"))).isEmpty();
        assertThat(store.execution(new TaskId("a"), 2)).isEmpty();
        assertThat(store.execution(new TaskId("a"), 1)).isPresent();
        redis.command("FLUSHALL"); // counts are of what is whole
    }

    /** So workers don't take turns for those who may not be worked on. */
    @Test
    void aTaskThatIsPausedOrHasAllItsLeasesIsNotInTheQueue() {
        store.putTask(Samples.task("paused"), Optional.empty());
        store.putTask(Samples.task("busy"), Optional.empty());
        store.pause(new TaskId("paused"), clock.instant().plus(Duration.ofHours(1)));
        store.accept(Samples.execution("paused", 1, "x"), AcceptTerms.ANY);
        assertThat(redis.command("LLEN", "hooks:scheduler:queue").number()).isZero();
        store.accept(Samples.execution("busy", 1, "x"), AcceptTerms.ANY);
        store.accept(Samples.execution("busy", 2, "x"), AcceptTerms.ANY);
        assertThat(store.claim(10, 1, Duration.ofMinutes(1))).hasSize(1);

        store.accept(Samples.execution("busy", 3, "x"), AcceptTerms.ANY);

        assertThat(redis.command("LLEN", "hooks:scheduler:queue").number()).isZero();
    }

    /** A task goes on when it is told so, not when somebody next looks for work. */
    @Test
    void aTaskThatGoesOnIsInTheQueueAtOnce() {
        store.putTask(Samples.task("paused"), Optional.empty());
        store.pause(new TaskId("paused"), clock.instant().plus(Duration.ofHours(1)));
        store.accept(Samples.execution("paused", 1, "x"), AcceptTerms.ANY);

        store.pause(new TaskId("paused"), clock.instant());

        assertThat(redis.command("LLEN", "hooks:scheduler:queue").number()).isEqualTo(1);
    }

    /** A node that has enough to do tells those who may have places. */
    @Test
    void whoLeavesWorkInTheQueueTellsTheOthers() throws Exception {
        store.accept(Samples.execution("a", 1, "x"), AcceptTerms.ANY);
        store.accept(Samples.execution("b", 2, "x"), AcceptTerms.ANY);
        try (TaskStore other = RedisStores.open(RedisOptions.of(redis.uri()), clock)) {
            AtomicInteger told = new AtomicInteger();
            Semaphore marks = new Semaphore(0);
            other.onTaskChange(new TaskChangeListener() {
                @Override
                public void changed(TaskId id) {
                    marks.release();
                }

                @Override
                public void missed() {}
            });
            mark(marks);
            other.onWork(told::incrementAndGet);

            assertThat(store.claim(1, 10, Duration.ofSeconds(30))).hasSize(1);
            mark(marks);
            assertThat(told).hasValue(1);

            assertThat(store.claim(1, 10, Duration.ofSeconds(30))).hasSize(1);
            mark(marks);
            assertThat(told).as("nothing is left").hasValue(1);

            store.accept(Samples.execution("a", 3, "x"), AcceptTerms.ANY);
            mark(marks);
            assertThat(told).as("the queue was empty").hasValue(2);

            assertThat(store.claim(2, 10, Duration.ofSeconds(30))).hasSize(1);
            mark(marks);
            assertThat(told).as("whoever claimed has places left, and took all").hasValue(2);
        }
    }

    /** The answer to a call may be lost, and the call come again: an entry that is there already is the same one. */
    @Test
    void requestsThatAreNotedAgainAfterALostAnswerAreThereOnce() {
        long now = Samples.nanos(clock.instant());
        List<RequestLog.Entry> entries = List.of(
                new RequestLog.Entry(new TaskId("a"), now, new byte[] {1}),
                new RequestLog.Entry(new TaskId("a"), now, new byte[] {2}));

        store.requests().append(RequestLog.Kind.TRACE, entries);
        store.requests().append(RequestLog.Kind.TRACE, entries);

        assertThat(store.requests().list(RequestLog.Kind.TRACE, new TaskId("a"), Long.MAX_VALUE, 10))
                .extracting(entry -> entry.id() - now + ":" + entry.value()[0])
                .containsExactly("1:2", "0:1");
    }

    /** What is told in one order is heard in it: when this returns, all that was told before has been heard. */
    private void mark(Semaphore marks) throws InterruptedException {
        store.putTask(Samples.task("mark"), Optional.empty());
        assertThat(marks.tryAcquire(5, TimeUnit.SECONDS)).isTrue();
    }
}
