package org.cdshooks.plugin.gitpoller;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The HTTP client of a node, made when the first poll needs it. */
final class Http {
    /** How large an answer may be, in bytes: a listing of a hundred thousand branches fits. */
    static final long MAX_ANSWER = 32L * 1024 * 1024;

    private static final Duration CONNECTING = Duration.ofSeconds(10);

    private @Nullable HttpClient client;

    /** Sends one request. Redirects are not followed here, since a token must not go to another server. */
    HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        return client().send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER));
    }

    private synchronized HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder()
                    .connectTimeout(CONNECTING)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
        }
        return client;
    }

    synchronized void stop() throws InterruptedException {
        if (client != null) {
            client.shutdownNow();
            var _ = client.awaitTermination(Duration.ofSeconds(5));
            client = null;
        }
    }
}
