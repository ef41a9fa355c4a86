package org.cdshooks.benchmark;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The least that can ask for the lists of {@link PollersBenchmark}: a thread each, and no memory but the ETags. */
final class BarePoller {
    private BarePoller() {}

    /**
     * Polls until it is killed.
     *
     * @param arguments the address of the server
     */
    public static void main(String[] arguments) throws Exception {
        HttpClient client = HttpClient.newBuilder().build();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < PollersBenchmark.TASKS; i++) {
                String repository = arguments[0] + "/api/v3/repos/team/app-" + i;
                var _ = threads.submit(() -> poll(client, repository));
                TimeUnit.MILLISECONDS.sleep(PollersBenchmark.INTERVAL);
            }
            System.out.println("is ready at http://127.0.0.1:0");
        }
    }

    private static Void poll(HttpClient client, String repository) throws Exception {
        Map<String, String> etags = new HashMap<>();
        while (true) {
            long next = System.nanoTime() + TimeUnit.SECONDS.toNanos(PollersBenchmark.INTERVAL);
            for (String list : new String[] {"/branches?per_page=100", "/tags?per_page=100"}) {
                HttpRequest.Builder request =
                        HttpRequest.newBuilder(URI.create(repository + list)).timeout(Duration.ofSeconds(30));
                if (etags.containsKey(list)) {
                    request.header("If-None-Match", etags.get(list));
                }
                client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                        .headers()
                        .firstValue("etag")
                        .ifPresent(tag -> etags.put(list, tag));
            }
            TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
        }
    }
}
