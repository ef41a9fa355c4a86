package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.testbed.RedisServer;
import org.cdshooks.testbed.RefusingRedis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Redis answers with each of the errors by which it refuses commands, at work and when the service connects. */
class RefusalsTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration BACK = Duration.ofSeconds(10);
    private static final TaskId A = new TaskId("a");
    private static RedisServer redis;

    private final RefusingRedis refusing = RefusingRedis.before(redis);

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void empty() {
        redis.command("FLUSHALL");
    }

    @AfterEach
    void close() {
        refusing.close();
    }

    private TaskStore open() {
        return RedisStores.open(RedisOptions.of(refusing.uri()));
    }

    private static void await(TaskStore store, boolean works) throws Exception {
        RedisFixtures.soon(BACK, () -> store.problem().isEmpty() == works ? Optional.of(true) : Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOADING Redis is loading the dataset in memory | is loading its data",
                "MISCONF Redis is configured to save RDB snapshots, but is unable to persist on disk | make room on its disk",
                "NOREPLICAS Not enough good replicas to write. | min-replicas-to-write",
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'. | start the master",
                "CLUSTERDOWN The cluster is down | redis-cli --cluster check",
                "CLUSTERDOWN Hash slot not served | redis-cli --cluster check",
                "TRYAGAIN Multiple keys request during rehashing of slot | is moving the keys",
                "MOVED 3999 127.0.0.1:6381 | redis-cluster://",
                "ASK 3999 127.0.0.1:6381 | is moving the keys",
                "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE. | SCRIPT KILL",
                "READONLY You can't write against a read only replica. | is a replica now",
                "NOPERM this user has no permissions to run the 'evalsha' command | ACL SETUSER",
                "ERR Error running script: @user_script: 12: -READONLY You can't write against a read only replica. | replica now",
                "ERR something that nobody has heard of | refused: ERR something that nobody has heard of"
            })
    void eachIsSaidInWordsLosesNothingAndIsSurvived(String error, String words) throws Exception {
        Set<Long> acknowledged = new HashSet<>();
        try (TaskStore store = open()) {
            store.putTask(task("a"), Optional.empty());
            accept(store, acknowledged);
            accept(store, acknowledged);
            Claim begun = store.claim(1, 10, LEASE).getFirst();

            refusing.refuse(error, "EVALSHA", "EVAL");
            assertThatThrownBy(() -> accept(store, acknowledged))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining(words)
                    .hasMessageContaining(error);
            await(store, false);
            assertThat(store.problem().orElseThrow()).contains("127.0.0.1:" + refusing.port(), words);
            assertThatThrownBy(() -> store.claim(1, 10, LEASE)).isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> store.settle(begun, Settlement.done(begun.execution())))
                    .isInstanceOf(StoreUnavailableException.class);

            refusing.mend();
            await(store, true);
            accept(store, acknowledged);
            assertThat(store.settle(begun, Settlement.done(begun.execution()))).isTrue();
            List<Claim> rest = store.claim(10, 10, LEASE);
            rest.forEach(claim -> store.settle(claim, Settlement.done(claim.execution())));
            assertThat(rest).hasSize(2);
            assertThat(store.executions(A, Long.MAX_VALUE, 10))
                    .extracting(execution -> execution.key().timestamp())
                    .containsExactlyInAnyOrderElementsOf(acknowledged);
        }
    }

    private static void accept(TaskStore store, Set<Long> acknowledged) {
        AcceptResult result = store.accept(execution("a", acknowledged.size() + 1, "x"), AcceptTerms.ANY);
        acknowledged.add(((AcceptResult.Stored) result).execution().key().timestamp());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOADING Redis is loading the dataset in memory | is loading its data",
                "CLUSTERDOWN The cluster is down | redis-cli --cluster check",
                "BUSY Redis is busy running a script. | SCRIPT KILL",
                "NOPERM this user has no permissions to run the 'script' command | ACL SETUSER",
                "MASTERDOWN Link with MASTER is down | start the master"
            })
    void refusedAtTheStartTheStoreIsThereSaysWhyAndConnectsByItself(String error, String words) throws Exception {
        refusing.refuse(error, "SCRIPT", "EVAL", "EVALSHA");
        try (TaskStore store = open()) {
            assertThat(store.problem().orElseThrow()).contains(words, error);

            refusing.mend();

            await(store, true);
            store.putTask(task("a"), Optional.empty());
        }
    }

    @Test
    void scriptsThatRedisDoesNotKnowAreSentWhole() {
        try (TaskStore store = open()) {
            refusing.refuse("NOSCRIPT No matching script. Please use EVAL.", "EVALSHA");
            store.putTask(task("a"), Optional.empty());
            accept(store, new HashSet<>());

            assertThat(store.claim(10, 10, LEASE)).hasSize(1);
            assertThat(refusing.refused()).isGreaterThanOrEqualTo(3);
        }
    }

    /** Some servers hang up right after they have refused a login, and Lettuce then does not say what they said. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "WRONGPASS invalid username-password pair or user is disabled. | does not accept the login",
                "NOAUTH Authentication required. | set store.redis.password"
            })
    void aLoginThatIsRefusedIsAlwaysSaidAsSuch(String error, String words) throws Exception {
        refusing.refuseAndHangUp(error);
        for (int i = 0; i < 40; i++) {
            try (TaskStore store =
                    RedisStores.open(RedisOptions.of("redis://:wrongsecret@127.0.0.1:" + refusing.port()))) {
                assertThat(store.problem().orElseThrow())
                        .contains(words)
                        .doesNotContain("RedisHandshakeHandler", "wrongsecret");
            }
        }
    }

    @Test
    void aPasswordThatIsMissingIsSaid() {
        try (RedisServer secured = RedisServer.start(options -> options.password("right"));
                TaskStore store = RedisStores.open(RedisOptions.of("redis://127.0.0.1:" + secured.port()))) {
            assertThat(store.problem().orElseThrow()).contains("NOAUTH", "set store.redis.password");
        }
    }
}
