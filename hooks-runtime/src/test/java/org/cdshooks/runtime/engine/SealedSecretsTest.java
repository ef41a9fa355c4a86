package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.Seal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Secrets of tasks in the store, and what happens when the key is another one. */
final class SealedSecretsTest {
    private static final String SECRET = "brass-key-of-the-front-door";
    private static final Seal ONE = Seal.of(List.of(key(1)));
    private static final Seal TWO = Seal.of(List.of(key(2)));
    private static final Seal BOTH = Seal.of(List.of(key(2), key(1)));

    private final FakeType web = FakeType.http("Web");
    private final World world = new World(web).seal(ONE);

    private static byte[] key(int fill) {
        byte[] key = new byte[Seal.KEY_BYTES];
        Arrays.fill(key, (byte) fill);
        return key;
    }

    @AfterEach
    void close() {
        world.close();
    }

    private String stored(String option) {
        return world.store
                .task(World.TASK)
                .flatMap(task -> Optional.ofNullable(task.config().get(option)))
                .orElseThrow()
                .value();
    }

    @Test
    void theStoreHasNoSecretAndTheHookHas() {
        world.put("Web", "key", SECRET, "colour", "red", "my-token", SECRET);

        assertThat(stored("key")).startsWith(Seal.PREFIX);
        assertThat(stored("my-token")).as("a misspelt one").startsWith(Seal.PREFIX);
        assertThat(stored("colour")).isEqualTo("red");
        assertThat(world.view().task().config().get("key").value()).isEqualTo("**********");
        world.send("x");
        assertThat(web.created.getLast().config().get(FakeType.KEY).reveal()).isEqualTo(SECRET);
        assertThat(web.created.getLast().config().extras()).containsEntry("my-token", SECRET);
        assertThat(world.store
                        .executions(World.TASK, Long.MAX_VALUE, 1)
                        .getFirst()
                        .config())
                .containsEntry("key", ConfigValue.of("**********"));
    }

    @Test
    void writingTheSameAgainChangesNothing() {
        long revision = world.put("Web", "key", SECRET).task().revision();

        assertThat(world.put("Web", "key", SECRET).task().revision()).isEqualTo(revision);
        assertThat(world.put("Web", "key", "**********").task().revision()).isEqualTo(revision);
        assertThat(world.put("Web", "key", "another").task().revision()).isGreaterThan(revision);
    }

    @Test
    void whatWasStoredInClearIsReadAndSealedAtTheNextSave() {
        world.seal(Seal.none());
        world.put("Web", "key", SECRET);
        assertThat(stored("key")).isEqualTo(SECRET);

        world.seal(ONE);
        world.send("x");
        assertThat(web.created.getLast().config().get(FakeType.KEY).reveal()).isEqualTo(SECRET);
        world.engine.tasks().stop(World.TASK);

        assertThat(stored("key")).startsWith(Seal.PREFIX);
        world.seal(Seal.none());
        world.put("Web", "key", SECRET);
        world.seal(ONE);
        world.put("Web", "key", SECRET);
        assertThat(stored("key")).as("a save of the same").startsWith(Seal.PREFIX);
    }

    @Test
    void withAnotherKeyTheTaskIsParkedInWordsAndNotLost() {
        world.put("Web", "key", SECRET);
        world.send("x");
        String before = stored("key");

        world.seal(TWO);
        world.run();
        assertThat(world.view().problem()).get().asString().contains("option 'key'", "secrets.key");
        assertThat(world.view().task().config().get("key").value()).isEqualTo("**********");
        assertThat(world.send("y").status()).isEqualTo(503);
        assertThat(world.engine.status().parked()).isEqualTo(1);
        assertThat(world.store.counts().failed()).isZero();
        world.engine.tasks().stop(World.TASK);
        assertThat(stored("key")).isEqualTo(before);
        assertThatThrownBy(() -> world.engine.tasks().start(World.TASK))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("key: is stored encrypted with key");

        world.seal(BOTH);
        world.engine.tasks().start(World.TASK);
        assertThat(world.view().problem()).isEmpty();
        assertThat(stored("key")).as("sealed with the first key").isNotEqualTo(before);
        world.seal(TWO);
        assertThat(world.view().problem()).isEmpty();
        world.advance(Duration.ofMinutes(10));
        assertThat(world.only().status()).isEqualTo(ExecutionStatus.DONE);
    }

    @Test
    void theSecretMayBeWrittenAnew() {
        world.put("Web", "key", SECRET);
        world.seal(TWO);
        assertThatThrownBy(() -> world.put("Web", "key", "**********"))
                .hasMessageContaining("key: is stored encrypted");

        world.put("Web", "key", "another");

        assertThat(world.view().problem()).isEmpty();
    }

    @Test
    void aValueThatLooksSealedCanNotBeWritten() {
        world.put("Web", "key", SECRET);
        String sealed = stored("key");

        assertThatThrownBy(() -> world.put("Web", "key", sealed)).hasMessageContaining("write the value itself");
        assertThatThrownBy(() -> world.put("Web", "colour", "enc:v1:x")).hasMessageContaining("colour: begins with");
        assertThatThrownBy(() ->
                        world.engine.tasks().put(new TaskId("other"), "Web", Map.of("key", ConfigValue.of(sealed))))
                .isInstanceOf(InvalidConfigException.class);
    }

    @Test
    void theStatusSaysWhetherSecretsAreSealed() {
        assertThat(world.engine.status().sealed()).isTrue();
        world.seal(Seal.none());
        assertThat(world.engine.status().sealed()).isFalse();
    }
}
