package org.cdshooks.runtime.launch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What the JVM records for the start-up cache: a start, some requests of each kind, deliveries, a stop. */
final class TrainingRun {
    private static final int REQUESTS = 500;

    private TrainingRun() {}

    static void run() throws Exception {
        CountDownLatch delivered = new CountDownLatch(REQUESTS);
        try (Receiver receiver = new Receiver(body -> delivered.countDown());
                TemporaryService service = new TemporaryService(
                        "training run", Map.of(Settings.HTTP_PORT.name(), "0", Settings.LOG_LEVEL.name(), "warn"))) {
            LocalClient client = service.client();
            Map<String, String> sink =
                    Map.of("sink", "http", "sink.url", receiver.url().toString());
            JsonNode task = client.createTask("Webhook", sink);
            String path = "/webhook/" + task.path("uuid").asText();
            for (int i = 0; i < REQUESTS; i++) {
                client.post(path, "{\"git.branch\":\"main\",\"number\":" + i + ",\"list\":[1,{\"a\":true}]}");
            }
            client.get("/task");
            client.get("/mon/status");
            client.get("/task/" + task.path("uuid").asText() + "/execution");
            delivered.await(30, TimeUnit.SECONDS);
        }
    }
}
