package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.RespClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Another program pushes keys of executions on the queue, as CDS's own service is fed. */
class ForeignQueueEntriesTest {
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final TaskId A = new TaskId("a");
    private static RedisServer redis;

    private final TurnedClock clock = new TurnedClock();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(RedisTaskStore.class);
    private CdsRedis other;
    private TaskStore store;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void openStore() {
        redis.command("FLUSHALL");
        other = new CdsRedis(redis);
        store = RedisStores.open(RedisOptions.of(redis.uri()), clock);
        store.putTask(task("a"), Optional.empty());
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void closeStore() {
        logger.detachAppender(log);
        try (RespClient client = redis.connect()) {
            client.command(
                    "HDEL", "hooks:scheduler:meta", "generation"); // of the way in, which the audit does not know
            RedisAudit.run(client, new RedisKeys("hooks"));
        }
        store.close();
    }

    private static String key(long timestamp) {
        return "hooks:tasks:executions:Sample:a:" + timestamp;
    }

    private static String written(String form, String key) {
        return form.replace("KEY", key);
    }

    private List<Claim> claim() {
        return store.claim(10, 10, LEASE);
    }

    private List<Long> timestamps(List<Claim> claims) {
        return claims.stream().map(claim -> claim.key().timestamp()).toList();
    }

    private Claim accepted(long timestamp) {
        store.accept(Samples.execution("a", timestamp, "x"), AcceptTerms.ANY);
        List<Claim> claims = claim();
        assertThat(claims).hasSize(1);
        return claims.getFirst();
    }

    private List<String> dropped() {
        return log.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains("dropped"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"KEY\"", "KEY"})
    void anExecutionThatOnlyTheOtherProgramKnowsIsRunOnce(String form) throws Exception {
        ObjectNode execution = CdsRedis.request("Sample", "a", 7, "");
        String saved = other.save(execution);
        other.queue(written(form, saved));

        List<Claim> claims = claim();

        assertThat(timestamps(claims)).containsExactly(7L);
        assertThat(claim()).isEmpty();
        assertThat(store.settle(
                        claims.getFirst(), Settlement.done(claims.getFirst().execution())))
                .isTrue();
        assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 0, 0, 0, 0));
        assertThat(store.execution(A, 7)).isPresent();
        assertThat(dropped()).isEmpty();
    }

    @Test
    void anExecutionWithoutAnEntryInTheIndexIsRunToo() throws Exception {
        String saved = other.save(CdsRedis.request("Sample", "a", 7, ""));
        redis.command("DEL", "hooks:tasks:executions:Sample:a");
        other.queue(saved);

        assertThat(timestamps(claim())).containsExactly(7L);
        assertThat(store.execution(A, 7)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"KEY\"", "KEY"})
    void anExecutionThatWaitsForItsNextAttemptIsRunNowAndOnce(String form) {
        Claim claim = accepted(7);
        store.settle(
                claim, new Settlement.Retry(claim.execution(), clock.instant().plusSeconds(600)));
        assertThat(claim()).isEmpty();

        other.queue(written(form, key(7)));

        assertThat(timestamps(claim())).containsExactly(7L);
        assertThat(store.nextDue()).isEmpty();
        clock.turn(Duration.ofMinutes(11));
        assertThat(store.promoteRetries(10)).isZero();
    }

    @Test
    void anExecutionThatIsQueuedOrWorkedOnAnyhowIsNotRunTwice() {
        store.accept(Samples.execution("a", 7, "x"), AcceptTerms.ANY);
        store.accept(Samples.execution("a", 8, "x"), AcceptTerms.ANY);
        other.queue(key(7));
        redis.command("RPUSH", "hooks:scheduler:queue", '"' + key(8) + '"');

        List<Claim> claims = claim();
        assertThat(timestamps(claims)).containsExactly(7L, 8L);

        other.queue(key(8));
        assertThat(claim()).isEmpty();
        assertThat(dropped()).isEmpty();
        claims.forEach(claim -> store.settle(claim, Settlement.done(claim.execution())));
        assertThat(store.counts(A)).isEqualTo(new TaskCounts(2, 0, 0, 0, 0));
    }

    @Test
    void anExecutionThatHasEndedIsNotRunAgainAndThatIsLogged() {
        Claim claim = accepted(7);
        store.settle(claim, Settlement.done(claim.execution()));
        other.queue('"' + key(7) + '"');

        assertThat(claim()).isEmpty();
        assertThat(dropped()).singleElement().asString().contains(key(7), "has ended", "replayed");
    }

    @Test
    void theWaitingRunOfATimerWaitsOn() {
        store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(60))));
        ExecutionKey run = store.executions(A, Long.MAX_VALUE, 1).getFirst().key();
        other.queue(key(run.timestamp()));

        assertThat(claim()).isEmpty();
        assertThat(store.nextDue()).contains(clock.instant().plusSeconds(60));
        assertThat(dropped()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hooks:tasks:executions:Sample:a:99",
                "\"hooks:tasks:executions:Sample:nobody:7\"",
                "hooks:tasks:executions:Sample:a:99999999999999999999",
                "hooks:tasks:executions:Sample:a:07",
                "hooks:tasks",
                "nonsense",
                ""
            })
    void whatIsTheKeyOfNoExecutionIsDroppedAndLogged(String element) {
        redis.command("SET", "hooks:tasks:executions:Sample:a:99999999999999999999", "{}");
        redis.command("SET", "hooks:tasks:executions:Sample:a:07", "{}");
        other.queue(element);

        assertThat(claim()).isEmpty();

        assertThat(dropped()).singleElement().asString().contains("hooks:scheduler:queue", "no execution has this key");
        assertThat(redis.command("LLEN", "hooks:scheduler:queue").number()).isZero();
        redis.command("DEL", "hooks:tasks:executions:Sample:a:99999999999999999999");
        redis.command("DEL", "hooks:tasks:executions:Sample:a:07");
    }

    @Test
    void anExecutionOfATaskThatIsNotThereIsDroppedAndLogged() throws Exception {
        String saved = other.save(CdsRedis.request("Sample", "nobody", 7, ""));
        other.queue(saved);

        assertThat(claim()).isEmpty();
        assertThat(dropped()).singleElement().asString().contains(saved, "no task has this execution");
        redis.command("DEL", saved, "hooks:tasks:executions:Sample:nobody");
    }

    @Test
    void ofATaskThatIsPausedItWaitsUntilTheTaskGoesOn() throws Exception {
        store.pause(A, clock.instant().plusSeconds(60));
        other.queue(other.save(CdsRedis.request("Sample", "a", 7, "")));
        assertThat(claim()).isEmpty();

        clock.turn(Duration.ofSeconds(61));

        assertThat(timestamps(claim())).containsExactly(7L);
    }

    /** One script must not take long, whatever has been pushed. */
    @Test
    void howeverManyArePushedOneCallTakesABoundedNumber() {
        store.accept(Samples.execution("a", 7, "x"), AcceptTerms.ANY);
        List<String> words = new ArrayList<>(List.of("RPUSH", "hooks:scheduler:queue"));
        for (int i = 0; i < 2_000; i++) {
            words.add("nonsense " + i);
        }
        redis.command(words.toArray(String[]::new));

        assertThat(claim()).isEmpty();
        assertThat(redis.command("LLEN", "hooks:scheduler:queue").number()).isEqualTo(2_001 - 250);
        for (int i = 1; i < 8; i++) {
            assertThat(store.counts(A).queued()).isEqualTo(1);
            assertThat(claim()).isEmpty();
        }
        assertThat(timestamps(claim())).containsExactly(7L);
    }

    @Test
    void anExecutionThatCanNotBeReadIsShownAsFailed() {
        redis.command("SET", key(7), "no JSON");
        other.queue(key(7));

        assertThat(claim()).isEmpty();
        assertThat(store.counts(A)).isEqualTo(new TaskCounts(1, 0, 0, 0, 1));
        assertThat(store.removeExecutions(A)).isEqualTo(1);
    }
}
