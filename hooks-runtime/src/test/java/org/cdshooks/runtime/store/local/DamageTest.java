package org.cdshooks.runtime.store.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamageTest {
    private static final TaskId A = new TaskId("a");
    private static final int COUNT = 30;

    @TempDir
    Path temp;

    private final TurnedClock clock = new TurnedClock();
    private Path directory;
    private Path file;

    @BeforeEach
    void fill() throws IOException {
        directory = temp.resolve("data");
        file = directory.resolve(DataDirectory.DATA);
        Path live = temp.resolve("live");
        try (TaskStore store = open(live)) {
            store.putTask(task("a"), Optional.of(timer("a", clock.instant().plusSeconds(9))));
            for (int i = 0; i < COUNT; i++) {
                store.accept(execution("a", i, "needle-" + i + "-" + "x".repeat(500)), AcceptTerms.ANY);
            }
            // Not closed in order, so that the end of the file is what was acknowledged last.
            LocalTaskStoreTest.copy(live, directory);
        }
    }

    private TaskStore open(Path path) {
        return LocalStores.open(path, clock, LocalOptions.DEFAULT);
    }

    private void expectDamaged(String words) {
        assertThatThrownBy(() -> open(directory).close())
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining(file.getFileName().toString())
                .hasMessageContaining(words);
        // Nobody holds the directory after that.
        assertThatThrownBy(() -> open(directory).close()).isInstanceOf(StoreDamagedException.class);
    }

    @Test
    void anUndamagedCopyOpens() {
        try (TaskStore store = open(directory)) {
            assertThat(store.counts(A).queued()).isEqualTo(COUNT);
        }
    }

    @Test
    void aTornWriteThatNobodyWasToldOfIsCut() throws IOException {
        byte[] garbage = new byte[5000];
        new Random(1).nextBytes(garbage);
        Files.write(file, garbage, StandardOpenOption.APPEND);

        try (TaskStore store = open(directory)) {
            assertThat(store.counts(A).queued()).isEqualTo(COUNT);
            store.accept(execution("a", 1000, "goes on"), AcceptTerms.ANY);
        }
        try (TaskStore store = open(directory)) {
            assertThat(store.counts(A).queued()).isEqualTo(COUNT + 1);
        }
    }

    @Test
    void aCutTailThatWasAcknowledgedIsNotSilent() throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength(newestChunk(bytes) + 100);
        }

        expectDamaged("--repair");
    }

    @Test
    void aZeroedTailThatWasAcknowledgedIsNotSilent() throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long from = newestChunk(bytes);
            bytes.seek(from);
            bytes.write(new byte[(int) (bytes.length() - from)]);
        }

        expectDamaged("--repair");
    }

    /** Finds where the version that was written last begins; space is used again, so it may be anywhere. */
    private static long newestChunk(RandomAccessFile bytes) throws IOException {
        byte[] all = new byte[(int) bytes.length()];
        bytes.seek(0);
        bytes.readFully(all);
        long newest = -1;
        long at = -1;
        for (int block = 2 * 4096; block < all.length; block += 4096) {
            String head = new String(all, block, Math.min(300, all.length - block), UTF_8);
            int version = head.indexOf("version:");
            if (head.startsWith("chunk:") && version > 0) {
                String hex = head.substring(version + 8).split("[,\\n]")[0].strip();
                if (Long.parseLong(hex, 16) > newest) {
                    newest = Long.parseLong(hex, 16);
                    at = block;
                }
            }
        }
        assertThat(at).as("a chunk").isPositive();
        return at;
    }

    @Test
    void aMissingFileThatWasAcknowledgedIsNotSilent() throws IOException {
        Files.delete(file);

        expectDamaged("missing");
    }

    @Test
    void aForeignFileIsLeftAlone() throws IOException {
        byte[] foreign = "this is no store\n".repeat(1000).getBytes(UTF_8);
        Files.write(file, foreign);

        expectDamaged("--repair");
        assertThat(Files.readAllBytes(file)).isEqualTo(foreign);
    }

    @Test
    void anotherVersionOfTheMarkIsNoDamage() throws IOException {
        Files.write(directory.resolve(DataDirectory.MARK), new byte[] {1, 2, 3});

        try (TaskStore store = open(directory)) {
            assertThat(store.counts(A).queued()).isEqualTo(COUNT);
        }
    }

    @Test
    void oneDamagedBodyIsPutAsideAndTheRestGoesOn() throws IOException {
        flip("bmVlZGxlLTct"); // "needle-7-" in Base64

        try (TaskStore store = open(directory)) {
            List<Claim> claims = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                claims.addAll(store.claim(1, 100, Duration.ofSeconds(10)));
            }

            assertThat(claims).hasSize(COUNT - 1);
            for (Claim claim : claims) {
                assertThat(store.settle(claim, Settlement.done(claim.execution())))
                        .isTrue();
            }
            Execution damaged = store.execution(A, 7).orElseThrow();
            assertThat(damaged.status()).isEqualTo(ExecutionStatus.FAILED);
            assertThat(damaged.lastError()).contains("checksum");
            assertThat(store.counts(A).failed()).isEqualTo(1);
            assertThat(store.problem()).isEmpty();
        }
        try (TaskStore store = open(directory)) {
            assertThat(store.execution(A, 7).orElseThrow().lastError()).contains("checksum");
            assertThat(store.removeTask(A)).isTrue();
        }
    }

    @Test
    void aDamagedTimerStillRings() throws IOException {
        flip("scheduled_task");
        clock.turn(Duration.ofSeconds(10));

        try (TaskStore store = open(directory)) {
            assertThat(store.dueTimers(5)).hasSize(1);
            assertThat(store.dueTimers(5).getFirst().execution().trigger()).isEqualTo("timer");
        }
    }

    @Test
    void aDamagedTaskIsFoundAtTheStart() throws IOException {
        flip("\"nb_executions_todo\"");

        expectDamaged("tasks");
    }

    @Test
    void aRepairSavesWhatCanBeReadAndKeepsTheOldFile() throws IOException {
        flip("\"nb_executions_todo\"");
        byte[] damaged = Files.readAllBytes(file);

        RepairReport report = LocalStores.repair(directory);

        // The only task is what is damaged, so its executions have nobody left that they belong to.
        assertThat(report.tasks()).isZero();
        assertThat(report.lost()).isEqualTo(COUNT + 2);
        assertThat(Files.readAllBytes(report.old())).isEqualTo(damaged);
        try (TaskStore store = open(directory)) {
            assertThat(store.counts().tasks()).isZero();
            store.putTask(task("a"), Optional.empty());
        }
    }

    @Test
    void aRepairSavesTheLogOfRequests() {
        TaskId task = new TaskId("a");
        try (TaskStore store = open(directory)) {
            long now = 1_767_225_600_000_000_000L;
            store.requests().append(RequestLog.Kind.TRACE, List.of(new RequestLog.Entry(task, now, new byte[] {1, 2})));
        }

        var _ = LocalStores.repair(directory);

        try (TaskStore store = open(directory)) {
            assertThat(store.requests().list(RequestLog.Kind.TRACE, task, Long.MAX_VALUE, 10))
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.value()).containsExactly(1, 2));
        }
    }

    @Test
    void aRepairSavesTheIdempotencyKeys() {
        Duration window = Duration.ofMinutes(5);
        try (TaskStore store = open(directory)) {
            store.firstToDo("s", "push", execution("a", 1, "x").key(), window, Optional.empty());
        }

        var _ = LocalStores.repair(directory);

        try (TaskStore store = open(directory)) {
            assertThat(store.firstToDo("s", "push", execution("b", 2, "x").key(), window, Optional.empty()))
                    .isEqualTo(execution("a", 1, "x").key());
        }
    }

    @Test
    void aRepairOfAFileWithoutItsNewestVersionSavesTheOneBefore() throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(newestChunk(bytes));
            bytes.write(new byte[4096]);
        }
        expectDamaged("--repair");

        RepairReport report = LocalStores.repair(directory);

        assertThat(report.tasks()).isEqualTo(1);
        assertThat(report.executions()).as("all but the last, and the timer").isEqualTo(COUNT);
        try (TaskStore store = open(directory)) {
            assertThat(store.counts(A).queued()).isEqualTo(COUNT - 1);
            assertThat(store.counts(A).waiting()).isEqualTo(1);
        }
    }

    /** No bit of the file, whichever it is, makes a store that opens and tells nonsense. */
    @Test
    void aFlippedBitAnywhereIsFoundOrDoesNotMatter() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(5);
        int refused = 0;
        for (int round = 0; round < 60; round++) {
            byte[] bytes = whole.clone();
            int at = random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Path copy = temp.resolve("bit" + round);
            Files.createDirectories(copy);
            Files.write(copy.resolve(DataDirectory.DATA), bytes);
            Files.copy(directory.resolve(DataDirectory.MARK), copy.resolve(DataDirectory.MARK));
            try (TaskStore store = open(copy)) {
                List<Execution> all = store.executions(A, COUNT, 1000);
                assertThat(all).as("byte %s", at).hasSize(COUNT);
                for (Execution each : all) {
                    assertThat(each.payload()
                                            .text()
                                            .startsWith("needle-" + each.key().timestamp() + "-")
                                    || each.status() == ExecutionStatus.FAILED)
                            .as("byte %s: %s", at, each)
                            .isTrue();
                }
            } catch (StoreDamagedException e) {
                refused++;
            }
        }
        assertThat(refused).isLessThan(60);
    }

    private void flip(String where) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        byte[] what = where.getBytes(UTF_8);
        int found = 0;
        // All copies of it, since some are of versions before.
        for (int i = 0; i + what.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + what.length, what, 0, what.length)) {
                bytes[i] ^= 1;
                found++;
            }
        }
        assertThat(found).isPositive();
        Files.write(file, bytes);
    }

    @Test
    void whatIsNoDirectoryCantBeUsed() throws IOException {
        Path plain = Files.writeString(temp.resolve("plain"), "x");

        assertThatThrownBy(() -> open(plain))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining(plain.toString());
    }

    @Test
    void anotherProcessIsTold() throws Exception {
        Path other = temp.resolve("other");
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path")
                                + File.pathSeparator
                                + System.getProperty("surefire.test.class.path", ""),
                        CrashVictim.class.getName(),
                        other.toString(),
                        "r")
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(victim.inputReader().readLine()).isNotNull();

            assertThatThrownBy(() -> open(other))
                    .isInstanceOf(StoreLockedException.class)
                    .hasMessageContaining("process " + victim.pid());
        } finally {
            victim.toHandle().destroyForcibly();
            assertThat(victim.waitFor(30, SECONDS)).isTrue();
        }
        open(other).close();
    }
}
