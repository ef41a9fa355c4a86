package org.cdshooks.runtime.store.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.Execution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that works on a store, again and again. {@code -Dcrash.rounds=20} kills it more often. */
class CrashTest {
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 5);

    @TempDir
    Path directory;

    @Test
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> acknowledged = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            int before = acknowledged.size();
            killAfter(100 + random.nextInt(3000), round, acknowledged);
            assertThat(acknowledged.size()).as("something was acknowledged").isGreaterThan(before);
            try (TaskStore store = LocalStores.open(directory, InstantSource.system(), LocalOptions.DEFAULT)) {
                for (String line : acknowledged) {
                    assertThere(store, line, seed);
                }
            }
        }
        System.out.printf("%d kills, %,d acknowledged executions, all there%n", ROUNDS, acknowledged.size());
    }

    private static void assertThere(TaskStore store, String line, long seed) {
        String[] words = line.split(" ", -1);
        Execution execution = store.execution(new TaskId(words[1]), Long.parseLong(words[2]))
                .orElseThrow(() -> new AssertionError("lost: " + line + ", seed " + seed));
        assertThat(execution.payload().text())
                .as("%s, seed %s", line, seed)
                .hasSize(Integer.parseInt(words[3]))
                .startsWith(words[4] + "-");
    }

    /** Kills it in the middle of the work, after that many acknowledgements. */
    private void killAfter(int lines, int round, List<String> acknowledged) throws Exception {
        Process victim = new ProcessBuilder(victim("r" + round))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(victim.getInputStream(), UTF_8))) {
            String text = "";
            boolean killed = false;
            int seen = 0;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (!text.isEmpty()) {
                    acknowledged.add(text);
                }
                text = line.startsWith("A ") ? line : "";
                if (!killed && ++seen >= lines) {
                    // Not by the Process, which would close the stream with what is still in it.
                    victim.toHandle().destroyForcibly();
                    killed = true;
                }
            }
            // The last line may have been cut, so it is not counted.
        } finally {
            victim.destroyForcibly();
            assertThat(victim.waitFor(30, SECONDS)).isTrue();
        }
        assertThat(victim.exitValue()).as("killed by SIGKILL").isEqualTo(128 + 9);
    }

    private List<String> victim(String name) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")
                        + File.pathSeparator
                        + System.getProperty("surefire.test.class.path", ""),
                CrashVictim.class.getName(),
                directory.toString(),
                name);
    }

    @Test
    void whatCantBeWrittenIsNotAcknowledged() throws Exception {
        // The shell's limit makes every write beyond it fail, as a full disk does.
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -f 8192; exec \"$@\"", "sh"));
        command.addAll(victim("full"));
        Process victim = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> acknowledged = new ArrayList<>();
        int failed = 0;
        try (BufferedReader out = victim.inputReader()) {
            // Each of its threads ends with the failure that it is told.
            while (failed < 64) {
                String line = out.readLine();
                assertThat(line).isNotNull();
                if (line.startsWith("A ")) {
                    acknowledged.add(line);
                } else if (line.startsWith("F ")) {
                    assertThat(line).contains("nothing can be written", "File too large", "free some room");
                    failed++;
                }
            }
        } finally {
            victim.toHandle().destroyForcibly();
            assertThat(victim.waitFor(30, SECONDS)).isTrue();
        }

        assertThat(acknowledged).isNotEmpty();
        try (TaskStore store = LocalStores.open(directory, InstantSource.system(), LocalOptions.DEFAULT)) {
            for (String line : acknowledged) {
                assertThere(store, line, 0);
            }
        }
    }
}
