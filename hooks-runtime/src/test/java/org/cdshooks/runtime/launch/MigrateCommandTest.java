package org.cdshooks.runtime.launch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalOptions;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.runtime.store.redis.RedisStores;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Seal;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrateCommandTest {
    @TempDir
    Path dir;

    private final RedisServer redis = RedisServer.start();
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private Path config;

    @BeforeEach
    void listen() throws Exception {
        config = Files.writeString(dir.resolve("hooks.yaml"), "store.redis.url: " + redis.uri() + "\n");
        System.setOut(new PrintStream(printed, true, UTF_8));
        System.setErr(new PrintStream(said, true, UTF_8));
    }

    @AfterEach
    void stop() {
        System.setOut(out);
        System.setErr(err);
        redis.close();
    }

    private int migrate(String from, String to, String... more) {
        printed.reset();
        said.reset();
        String[] arguments = {
            "migrate",
            "--config",
            config.toString(),
            "--data",
            dir.resolve("data").toString(),
            "--from",
            from,
            "--to",
            to
        };
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return Main.run(all);
    }

    private TaskStore openLocal() {
        return LocalStores.open(dir.resolve("data"), InstantSource.system(), LocalOptions.DEFAULT);
    }

    private TaskStore openRedis() {
        return RedisStores.open(RedisOptions.of(redis.uri()));
    }

    private static void fill(TaskStore store) {
        store.putTask(Samples.task("one"), Optional.empty());
        store.putTask(Samples.task("two"), Optional.empty());
        for (int i = 1; i <= 5; i++) {
            store.accept(Samples.execution("one", i, "a"), AcceptTerms.ANY.dedup("d" + i, Duration.ofHours(1)));
        }
    }

    @Test
    void everythingGoesThereAndBack() throws Exception {
        try (TaskStore store = openLocal()) {
            fill(store);
        }

        assertThat(migrate("local", "redis")).as("%s", said).isZero();

        assertThat(printed.toString(UTF_8))
                .contains(
                        "copied the data directory ",
                        "2 tasks, 5 executions (0 waiting, 5 queued, 0 failed), 5 remembered")
                .contains("to Redis at 127.0.0.1:" + redis.port() + ": 2 tasks, 5 executions (0 waiting, 5 queued")
                .contains("store.type: redis");
        try (TaskStore store = openRedis()) {
            assertThat(store.counts().queued()).isEqualTo(5);
        }
        assertThat(migrate("REDIS", "local")).isEqualTo(ExitCode.USAGE.code());
        assertThat(said.toString(UTF_8)).contains("2 tasks already", "--merge");

        Files.move(dir.resolve("data"), dir.resolve("before"));
        assertThat(migrate("REDIS", "local")).as("%s", said).isZero();
        try (TaskStore store = openLocal()) {
            assertThat(store.counts().queued()).isEqualTo(5);
        }
    }

    @Test
    void secretsAreEncryptedByTheKeysOfTheTarget() throws Exception {
        Set<String> secrets = Set.of("key");
        TaskRecord task = TaskRecord.of(new TaskId("one"), "Web", Map.of("key", ConfigValue.of("brass key")));
        Seal local = SecretsKeys.ofDirectory(List.of(), dir.resolve("data"));
        try (TaskStore store = openLocal()) {
            store.putTask(local.seal(task, secrets), Optional.empty());
        }

        assertThat(migrate("local", "redis")).as("%s", said).isZero();
        assertThat(printed.toString(UTF_8)).contains("secrets of tasks are there in clear");
        try (TaskStore store = openRedis()) {
            assertThat(valueIn(store)).isEqualTo("brass key");
            store.removeTask(task.id());
        }

        byte[] key = new byte[Seal.KEY_BYTES];
        Files.writeString(
                config, "secrets.key: " + Base64.getEncoder().encodeToString(key) + "\n", StandardOpenOption.APPEND);
        assertThat(migrate("local", "redis", "--merge")).as("%s", said).isZero();
        assertThat(printed.toString(UTF_8)).doesNotContain("in clear");
        try (TaskStore store = openRedis()) {
            assertThat(Seal.of(List.of(key)).open(task.id(), "key", valueIn(store)))
                    .isEqualTo("brass key");
            assertThat(valueIn(store)).startsWith(Seal.PREFIX);
        }
    }

    private static String valueIn(TaskStore store) {
        return store.task(new TaskId("one"))
                .map(task -> task.config().get("key").value())
                .orElseThrow();
    }

    @Test
    void aStoreThatIsUsedIsRefused() {
        try (TaskStore store = openLocal()) {
            fill(store);

            assertThat(migrate("local", "redis")).isEqualTo(ExitCode.LOCKED.code());
            assertThat(said.toString(UTF_8)).contains("data directory").contains("is in use");
        }
        try (TaskStore store = openRedis()) {
            store.nodes("alpha", Duration.ofMinutes(1));

            assertThat(migrate("local", "redis")).isEqualTo(ExitCode.LOCKED.code());
            assertThat(said.toString(UTF_8)).contains("is used by 1 node (one is alpha): stop them first");
        }
    }

    @Test
    void whatCanNotBeIsToldInWords() {
        assertThat(migrate("local", "local")).isEqualTo(ExitCode.USAGE.code());
        assertThat(said.toString(UTF_8)).contains("--from local --to local is one and the same store");

        assertThat(migrate("local", "redis")).isEqualTo(ExitCode.USAGE.code());
        assertThat(said.toString(UTF_8)).contains("there is no local store in " + dir.resolve("data"), "--data");
        assertThat(dir.resolve("data")).doesNotExist();

        assertThat(migrate("disk", "redis")).isEqualTo(ExitCode.USAGE.code());
        assertThat(said.toString(UTF_8)).contains("--from", "disk");
    }
}
