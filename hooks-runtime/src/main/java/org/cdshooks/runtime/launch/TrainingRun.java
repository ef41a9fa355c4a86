package org.cdshooks.runtime.launch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What the JVM records for the start-up cache: a start, requests and schedules with their deliveries, a stop. It records
 * how often what was run as well, and compiles that at once after a start; so there is enough of each for the JVM to call
 * it hot.
 */
final class TrainingRun {
    private static final int SENDERS = 8;
    private static final int REQUESTS = 500;
    private static final int SCHEDULES = 200;
    private static final int RUNS = 10;

    private TrainingRun() {}

    static void run() throws Exception {
        CountDownLatch delivered = new CountDownLatch(SENDERS * REQUESTS + SCHEDULES * RUNS);
        try (Receiver receiver = new Receiver(body -> delivered.countDown());
                TemporaryService service = new TemporaryService(
                        "training run", Map.of(Settings.HTTP_PORT.name(), "0", Settings.LOG_LEVEL.name(), "warn"))) {
            LocalClient client = service.client();
            Map<String, String> sink =
                    Map.of("sink", "http", "sink.url", receiver.url().toString());
            JsonNode task = client.createTask("Webhook", sink);
            String path = "/webhook/" + task.path("uuid").asText();
            sendAtOnce(client, path);
            Map<String, String> schedule = new TreeMap<>(sink);
            schedule.put("every", "1s");
            for (int i = 0; i < SCHEDULES; i++) {
                client.createTask("Scheduler", schedule);
            }
            client.get("/task");
            client.get("/mon/status");
            client.get("/task/" + task.path("uuid").asText() + "/execution");
            delivered.await(30, TimeUnit.SECONDS);
        }
    }

    private static void sendAtOnce(LocalClient client, String path) throws Exception {
        try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            List<Future<?>> sent = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                sent.add(senders.submit(() -> send(client, path)));
            }
            for (Future<?> each : sent) {
                each.get();
            }
        }
    }

    private static boolean send(LocalClient client, String path) throws IOException, InterruptedException {
        for (int i = 0; i < REQUESTS; i++) {
            client.post(path, "{\"git.branch\":\"main\",\"number\":" + i + ",\"list\":[1,{\"a\":true}]}");
        }
        return true;
    }
}
