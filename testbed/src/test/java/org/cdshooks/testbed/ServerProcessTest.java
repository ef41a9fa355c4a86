package org.cdshooks.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server must not outlive the JVM that started it, in whatever way that ends. */
@Timeout(60)
class ServerProcessTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** Starts a server, tells of it on standard output, and ends once there is a line on standard input. */
    public static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            // The thread that starts it is gone long before the JVM.
            Thread starter = new Thread(() -> {
                RedisServer redis = RedisServer.start();
                System.out.println(redis.port());
                System.out.println(redis.directory());
            });
            starter.start();
            starter.join();
            var _ = System.in.read();
            System.exit(0);
        }
    }

    private static Process child(Path temporary) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static boolean answers(int port) {
        try (RespClient client = RespClient.connect(port, SOON)) {
            return client.command("PING").text().equals("PONG");
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    @Test
    void aServerEndsWithTheJvmAndLeavesNoFiles(@TempDir Path temporary) throws Exception {
        Process child = child(temporary);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            int port = Integer.parseInt(out.readLine());
            assertThat(Path.of(out.readLine())).isDirectory().hasParent(temporary);
            assertThat(answers(port)).isTrue();
            child.getOutputStream().close();
            assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
            Await.until("the server is gone", SOON, () -> !answers(port), () -> "");
            assertThat(temporary).isEmptyDirectory();
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void aServerEndsWithAJvmThatIsKilled(@TempDir Path temporary) throws Exception {
        assumeTrue(ServerProcess.endsWithAKilledJvm(), "no setpriv --pdeathsig here");
        Process child = child(temporary);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            int port = Integer.parseInt(out.readLine());
            assertThat(answers(port)).isTrue();
            child.destroyForcibly();
            Await.until("the server is gone", SOON, () -> !answers(port), () -> "");
        } finally {
            child.destroyForcibly();
        }
    }
}
