package org.cdshooks.plugin.gitpoller;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The HTTP client of a node, made when the first poll needs it. */
final class Http {
    /** How large an answer may be, in bytes: a listing of a hundred thousand branches fits. */
    static final long MAX_ANSWER = 32L * 1024 * 1024;

    private static final Duration CONNECTING = Duration.ofSeconds(10);
    private static final Duration WHOLE_ANSWER = Duration.ofSeconds(30);

    private final Duration patience;
    private @Nullable HttpClient client;

    Http() {
        this(WHOLE_ANSWER);
    }

    /**
     * @param patience how long one exchange may take, to the last byte of the answer
     */
    Http(Duration patience) {
        this.patience = patience;
    }

    /** Sends one request. Redirects are not followed here, since a token must not go to another server. */
    HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        // The timeout of a request ends with the headers of its answer, so a body could take for ever.
        CompletableFuture<HttpResponse<byte[]>> answer =
                client().sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER));
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("the whole answer did not come within " + patience.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(String.valueOf(e.getCause()), e);
        } finally {
            answer.cancel(true); // closes the connection of an exchange that has not ended
        }
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
