package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A plugin that does what no plugin should, in the unpacked zip, on two processors. */
@Timeout(180)
final class HostilePluginIT {
    private static final Duration STOP_GRACE = Duration.ofSeconds(5);
    private static final Map<String, String> TWO_PROCESSORS = Map.of(
            "HOOKS_SINK_HTTP_ALLOW", "127.0.0.1/32",
            "HOOKS_JAVA_OPTS", "-XX:ActiveProcessorCount=2",
            "HOOKS_STOPGRACE", STOP_GRACE.toSeconds() + "s");

    /** A moderate rate: one request each so many milliseconds. */
    private static final int PACE = 50;

    private static final int REQUESTS = 60;

    @TempDir
    static Path dir;

    private static Distribution distribution;
    private static Path jar;
    private static Target target;

    @BeforeAll
    static void unpack() throws IOException {
        distribution = Distribution.unpackInto(dir.resolve("dist"));
        jar = HostilePlugin.in(distribution.home().resolve("plugins"));
        target = new Target();
    }

    @AfterAll
    static void closeTarget() {
        target.close();
    }

    private static String task(String type) {
        return "{\"type\":\"" + type + "\",\"config\":{\"sink\":\"http\",\"sink.url\":\"" + target.url() + "\"}}";
    }

    @Test
    void fourTasksThatSpinLeaveTheServiceAliveAndAreSuspended() throws Exception {
        Path data = dir.resolve("spin");
        try (Service service = distribution.serve(data, TWO_PROCESSORS)) {
            String good = service.createTask(task("Webhook"));
            startFourThatSpin(service);

            expectLiveWithin100Millis(service);
            assertThat(offer(service, good)).as("delivered while they spin").isGreaterThanOrEqualTo(REQUESTS / 3);
            waitUntil("the hook type is suspended", () -> plugins(service).contains("is suspended"));
            waitUntil("all is delivered", () -> target.deliveries().size() == REQUESTS);
            target.deliveries().clear();
            assertThat(offer(service, good))
                    .as("delivered after the suspension")
                    .isGreaterThanOrEqualTo(REQUESTS * 8 / 10);
            waitUntil("all is delivered", () -> target.deliveries().size() == REQUESTS);

            assertThat(plugins(service)).contains("\"name\":\"" + HostilePlugin.NAME + "\"", "hook type 'Hostile'");
            assertThat(service.send("GET", "/mon/status", "").body())
                    .contains("\"status\":\"WARN\",\"component\":\"Plugins\"", "plugin '" + HostilePlugin.NAME + "'");
            assertThat(service.log())
                    .contains("WARN", "Plugin '" + HostilePlugin.NAME + "'", "at hostile//hostile.Hostile.spin");

            service.process().destroy();
            assertThat(service.process().waitFor(STOP_GRACE.toSeconds() + 5, TimeUnit.SECONDS))
                    .as(() -> "the stop is bounded; the log is\n" + service.log())
                    .isTrue();
        }
        try (Service service = distribution.serve(data, TWO_PROCESSORS)) {
            expectLiveWithin100Millis(service);
            waitUntil("the hook type is suspended again", () -> plugins(service).contains("is suspended"));
        }
    }

    @Test
    void aPluginThatEndsTheServiceIsNamed() throws Exception {
        try (Service service = distribution.serve(dir.resolve("exit"), TWO_PROCESSORS)) {
            String bad = service.createTask(task("Hostile"));
            service.send("POST", "/webhook/" + bad, "exit");

            waitUntil("the service has ended", () -> !service.process().isAlive());

            assertThat(service.process().exitValue()).isEqualTo(1);
            assertThat(service.log())
                    .contains("Plugin '" + HostilePlugin.NAME + "' ends the service: its code calls System.exit")
                    .contains("at hostile//hostile.Hostile");
        }
    }

    @Test
    void leakedThreadsAndAnOverwrittenJarAreProblems() throws Exception {
        Distribution own = Distribution.unpackInto(dir.resolve("own"));
        Path ownJar = HostilePlugin.in(own.home().resolve("plugins"));
        try (Service service = own.serve(dir.resolve("leaks"), TWO_PROCESSORS)) {
            String bad = service.createTask(task("Hostile"));
            service.send("POST", "/webhook/" + bad, "threads");
            waitUntil("the threads are told", () -> plugins(service).contains("threads that outlive the calls"));

            Files.write(ownJar, new byte[2000], StandardOpenOption.TRUNCATE_EXISTING);
            waitUntil("the jar is told", () -> plugins(service).contains("hostile.jar was overwritten"));

            assertThat(service.send("GET", "/task/" + bad, "").body()).contains("plugin '" + HostilePlugin.NAME + "'");
            assertThat(service.log()).contains("Plugin '" + HostilePlugin.NAME + "': hostile.jar was overwritten");
            assertThat(service.send("GET", "/health/live", "").statusCode()).isEqualTo(200);
        }
    }

    /** At the same time. When two of them hold both processors, the service may already refuse the others. */
    private static void startFourThatSpin(Service service) throws Exception {
        List<String> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            tasks.add(service.createTask(task("Hostile")));
        }
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (String task : tasks) {
                answers.add(senders.submit(
                        () -> service.send("POST", "/webhook/" + task, "spin").statusCode()));
            }
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> answer : answers) {
                statuses.add(answer.get());
            }
            assertThat(statuses).isSubsetOf(200, 503);
            assertThat(statuses.stream().filter(status -> status == 200)).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    /** Five answers in a row, each within 100 ms, in the first five seconds. */
    private static void expectLiveWithin100Millis(Service service) throws InterruptedException {
        HttpRequest live = HttpRequest.newBuilder(URI.create(service.url() + "/health/live"))
                .timeout(Duration.ofMillis(100))
                .build();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            for (int inARow = 0; inARow < 5; ) {
                assertThat(System.nanoTime())
                        .as("time, after " + inARow + " answers")
                        .isLessThan(end);
                try {
                    assertThat(client.send(live, HttpResponse.BodyHandlers.discarding())
                                    .statusCode())
                            .isEqualTo(200);
                    inARow++;
                } catch (IOException e) { // not in time
                    inARow = 0;
                }
            }
        }
    }

    /** Sends requests at a moderate rate and returns how many have been delivered when the last one is sent. */
    private static int offer(Service service, String task) throws Exception {
        long begin = System.nanoTime();
        for (int i = 0; i < REQUESTS; i++) {
            TimeUnit.NANOSECONDS.sleep(begin + TimeUnit.MILLISECONDS.toNanos((long) i * PACE) - System.nanoTime());
            service.send("POST", "/webhook/" + task, "{\"n\":" + i + "}");
        }
        return target.deliveries().size();
    }

    private static String plugins(Service service) {
        try {
            return service.send("GET", "/plugins", "").body();
        } catch (IOException e) {
            return String.valueOf(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
