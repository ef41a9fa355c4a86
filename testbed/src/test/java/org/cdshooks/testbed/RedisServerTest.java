package org.cdshooks.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RedisServerTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void answersEveryKindOfReply() {
        try (RedisServer redis = RedisServer.start()) {
            assertThat(redis.command("SET", "key", "grüße\r\n")).isEqualTo(new Reply.Text("OK"));
            assertThat(redis.command("GET", "key").text()).isEqualTo("grüße\r\n");
            assertThat(redis.command("GET", "other")).isEqualTo(new Reply.Nil());
            assertThat(redis.command("RPUSH", "list", "a", "b").number()).isEqualTo(2);
            assertThat(redis.command("LRANGE", "list", "0", "-1").texts()).containsExactly("a", "b");
            assertThat(redis.command("LRANGE", "none", "0", "-1").items()).isEmpty();
            assertThat(redis.command("EVAL", "return {1,{'x'}}", "0"))
                    .isEqualTo(
                            new Reply.Many(List.of(new Reply.Whole(1), new Reply.Many(List.of(new Reply.Text("x"))))));
            assertThatThrownBy(() -> redis.command("GET", "list"))
                    .isInstanceOf(RedisError.class)
                    .hasMessageStartingWith("WRONGTYPE");
            assertThat(redis.version()).matches("\\d+\\.\\d+\\.\\d+");
            assertThat(redis.uri()).isEqualTo("redis://127.0.0.1:" + redis.port() + "/0");
        }
    }

    @Test
    void anErrorWithinATransactionIsAValue() {
        try (RedisServer redis = RedisServer.start();
                RespClient client = redis.connect()) {
            List<Reply> replies = client.commands(List.of(
                    new String[] {"MULTI"}, new String[] {"SET", "a", "x"}, new String[] {"INCR", "a"}, new String[] {
                        "EXEC"
                    }));
            assertThat(replies.getLast().items().getLast()).isInstanceOf(Reply.Failure.class);
        }
    }

    @Test
    void startsEmptyWithoutAnyPersistence() {
        try (RedisServer redis = RedisServer.start()) {
            redis.command("SET", "key", "value");
            redis.kill();
            assertThat(redis.isAlive()).isFalse();
            redis.restart();
            assertThat(redis.command("DBSIZE").number()).isZero();
        }
    }

    @Test
    void aDurableServerComesBackOnItsPortWithItsData() {
        try (RedisServer redis = RedisServer.start(RedisServer.Options::durable)) {
            int port = redis.port();
            for (int round = 1; round <= 3; round++) {
                redis.command("INCR", "rounds");
                long before = redis.pid();
                redis.kill();
                assertThat(ProcessHandle.of(before)).isEmpty();
                assertThatThrownBy(() -> redis.command("PING")).isInstanceOf(UncheckedIOException.class);
                redis.restart();
                assertThat(redis.pid()).isNotEqualTo(before);
                assertThat(redis.port()).isEqualTo(port);
                assertThat(redis.command("GET", "rounds").number()).isEqualTo(round);
            }
        }
    }

    @Test
    void restartEndsARunningServerInGoodOrder() {
        try (RedisServer redis = RedisServer.start(options -> options.config("save 3600 1"))) {
            redis.command("SET", "key", "value");
            redis.restart();
            assertThat(redis.command("GET", "key").text()).isEqualTo("value");
        }
    }

    @Test
    void aFrozenServerAnswersWhenItGoesOn() {
        try (RedisServer redis = RedisServer.start();
                RespClient client = RespClient.connect(redis.port(), Duration.ofMillis(200))) {
            redis.pause();
            assertThatThrownBy(() -> client.command("PING")).isInstanceOf(UncheckedIOException.class);
            assertThat(redis.isAlive()).isTrue();
            redis.resume();
            assertThat(redis.command("PING").text()).isEqualTo("PONG");
            redis.pause(); // and what is frozen can be stopped and killed
            redis.stop();
            assertThat(redis.isAlive()).isFalse();
        }
    }

    @Test
    void asksForPasswordsAndGivesUsersTheirRights() {
        try (RedisServer redis = RedisServer.start(
                        options -> options.password("p@ss word").user("reader", "se/cret", "~hooks:*", "+get"));
                RespClient client = RespClient.connect(redis.port(), SOON)) {
            assertThat(redis.uri()).isEqualTo("redis://:p%40ss%20word@127.0.0.1:" + redis.port() + "/0");
            assertThat(redis.uri("reader")).isEqualTo("redis://reader:se%2Fcret@127.0.0.1:" + redis.port() + "/0");
            assertThatThrownBy(() -> client.command("PING")).hasMessageStartingWith("NOAUTH");
            assertThatThrownBy(() -> client.command("AUTH", "wrong")).hasMessageStartingWith("WRONGPASS");
            client.command("AUTH", "p@ss word");
            client.command("SET", "hooks:a", "1");
            client.command("AUTH", "reader", "se/cret");
            assertThat(client.command("GET", "hooks:a").text()).isEqualTo("1");
            assertThatThrownBy(() -> client.command("GET", "other")).hasMessageStartingWith("NOPERM");
            assertThatThrownBy(() -> redis.uri("writer")).hasMessageContaining("no user writer");
        }
    }

    @Test
    void speaksTlsToThoseWhoTrustItsAuthority() throws Exception {
        try (RedisServer redis = RedisServer.start(options -> options.tls().password("secret"))) {
            assertThat(redis.tlsUri()).isEqualTo("rediss://:secret@127.0.0.1:" + redis.tlsPort() + "/0");
            var trusting = redis.certificates().trusting().getSocketFactory();
            try (RespClient client = RespClient.connect(trusting, redis.tlsPort(), SOON)) {
                client.command("AUTH", "secret");
                assertThat(client.command("PING").text()).isEqualTo("PONG");
            }
            var strict = SSLContext.getDefault().getSocketFactory();
            assertThatThrownBy(() -> {
                        try (RespClient client = RespClient.connect(strict, redis.tlsPort(), SOON)) {
                            client.command("PING");
                        }
                    })
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("certif");
            assertThat(redis.certificates().authority()).content().startsWith("-----BEGIN CERTIFICATE-----\n");
        }
    }

    @Test
    void aReplicaFollowsItsMasterWhateverThePassword() {
        try (RedisServer master = RedisServer.start(options -> options.password("secret"));
                RedisServer replica = RedisServer.start(options -> options.replicaOf(master))) {
            replica.awaitInfo("master_link_status", "up", SOON);
            master.command("SET", "key", "value");
            assertThat(master.command("WAIT", "1", "10000").number()).isEqualTo(1);
            assertThat(replica.command("GET", "key").text()).isEqualTo("value");
            assertThatThrownBy(() -> replica.awaitInfo("master_link_status", "down", Duration.ofMillis(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("master_link_status:down")
                    .hasMessageContaining("MASTER <-> REPLICA");
        }
    }

    @Test
    void aFullServerRefusesToWrite() {
        try (RedisServer redis =
                RedisServer.start(options -> options.config("maxmemory 1mb").config("maxmemory-policy noeviction"))) {
            assertThatThrownBy(() -> redis.command("SET", "key", "x".repeat(1024 * 1024)))
                    .hasMessageStartingWith("OOM");
        }
    }

    @Test
    void aMistakeInTheConfigurationIsToldWithTheLog() {
        assertThatThrownBy(() -> RedisServer.start(options -> options.config("no-such-option yes")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(RedisBinary.path() + " ended instead of starting")
                .hasMessageContaining("-Dredis.server=/path")
                .hasMessageContaining("no-such-option");
    }

    @Test
    void closingLeavesNeitherProcessNorFiles() {
        RedisServer redis = RedisServer.start(RedisServer.Options::durable);
        long pid = redis.pid();
        Path directory = redis.directory();
        assertThat(directory).isDirectory();
        redis.close();
        redis.close();
        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThat(Files.exists(directory)).isFalse();
    }
}
