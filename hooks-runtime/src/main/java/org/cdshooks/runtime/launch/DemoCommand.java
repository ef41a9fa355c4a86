package org.cdshooks.runtime.launch;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the service at work, with an endpoint of its own to deliver to. */
@Command(
        name = "demo",
        description =
                "Shows the service at work: a webhook and a scheduler, each execution as it passes. Ctrl-C ends it; nothing is left behind.")
final class DemoCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port to listen on; without it 8083, or a free one if that is taken.")
    @Nullable
    Integer port;

    @Option(names = "--for", paramLabel = "SECONDS", description = "Ends by itself after so many seconds.")
    @Nullable
    Integer seconds;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    boolean help;

    @Override
    public Integer call() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch cleaned = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endAndClean(end, cleaned), "demo-end"));
        try (Receiver receiver = new Receiver(DemoCommand::show);
                TemporaryService service = new TemporaryService(
                        "demo",
                        Map.of(
                                Settings.HTTP_PORT.name(),
                                String.valueOf(choosePort()),
                                Settings.LOG_LEVEL.name(),
                                "warn"))) {
            introduce(service, receiver);
            if (seconds == null) {
                end.await();
            } else {
                end.await(seconds, TimeUnit.SECONDS);
            }
            System.out.println("\nStopping; the data goes with it.");
        } finally {
            cleaned.countDown();
        }
        return ExitCode.OK.code();
    }

    private static void endAndClean(CountDownLatch end, CountDownLatch cleaned) {
        end.countDown();
        try {
            if (cleaned.await(40, TimeUnit.SECONDS)) {
                Runtime.getRuntime().halt(ExitCode.OK.code());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void introduce(TemporaryService service, Receiver receiver)
            throws IOException, InterruptedException {
        String url = service.server().url().toString();
        System.out.println(service.server().readyLine());
        System.out.println("An endpoint that takes what is delivered: " + receiver.url());
        Map<String, String> sink =
                Map.of("sink", "http", "sink.url", receiver.url().toString());

        JsonNode webhook = service.client().createTask("Webhook", with(sink, Map.of("method", "POST")));
        String hookUrl = webhook.path("config").path("webHookURL").path("value").asText();
        System.out.println("\nCreated a webhook:   " + hookUrl);
        JsonNode scheduler = service.client()
                .createTask("Scheduler", with(sink, Map.of("cron", "*/5 * * * * * *", "timezone", "Europe/Paris")));
        System.out.println("Created a scheduler: every 5 seconds ("
                + scheduler.path("uuid").asText() + ")");

        System.out.println("\nTry it from another terminal:\n"
                + "  curl -X POST " + hookUrl + " -d '{\"git.branch\":\"main\"}' -H 'Content-Type: application/json'\n"
                + "  curl " + url + "/task/" + webhook.path("uuid").asText() + "/execution -H 'Authorization: Bearer "
                + ServiceHash.readOrCreate(service.dataDirectory()) + "'\n"
                + "  curl " + url + "/mon/status\n\n"
                + "What passes (Ctrl-C ends):");
        service.client()
                .post(
                        "/webhook/" + webhook.path("uuid").asText(),
                        "{\"hello\":\"from the demo\",\"git.branch\":\"main\"}");
    }

    private static Map<String, String> with(Map<String, String> some, Map<String, String> more) {
        Map<String, String> all = new java.util.TreeMap<>(some);
        all.putAll(more);
        return all;
    }

    /** One line for each execution that arrives at the endpoint. */
    private static void show(String body) {
        try {
            JsonNode delivery = JSON.readTree(body);
            long timestamp = delivery.path("timestamp").asLong();
            Duration after = Duration.between(java.time.Instant.ofEpochSecond(0, timestamp), java.time.Instant.now());
            System.out.printf(
                    "  %s  %-10s attempt %d, delivered %4d ms after it %s  %s%n",
                    LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.MILLIS),
                    delivery.path("type").asText(),
                    delivery.path("attempt").asInt(),
                    after.toMillis(),
                    delivery.path("type").asText().equals("Scheduler") ? "was due:     " : "was accepted:",
                    shortened(delivery.path("payload")));
        } catch (JacksonException e) {
            System.out.println("  something that is no delivery: " + body);
        }
    }

    private static String shortened(JsonNode payload) {
        String text = payload.toString();
        return text.length() <= 160 ? text : text.substring(0, 160) + "…";
    }

    private int choosePort() throws IOException {
        if (port != null) {
            return port;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 8083));
            return 8083;
        } catch (IOException e) {
            return 0;
        }
    }
}
