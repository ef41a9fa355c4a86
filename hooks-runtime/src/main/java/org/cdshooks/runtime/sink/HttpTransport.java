package org.cdshooks.runtime.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.HttpsSupport;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.ssl.TLS;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.Closer;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Makes one call and brings back the answer or says why there is none. Trusts nobody: it follows no redirect, keeps no
 * cookie, knows no proxy, unpacks nothing, repeats nothing, reads a bounded part of the answer, and ends in time even
 * when the target sends a byte now and then.
 */
final class HttpTransport implements AutoCloseable {
    static final int MAX_ANSWER_BYTES = 64 * 1024;

    private static final Timeout CONNECT = Timeout.ofSeconds(5);
    private static final Timeout LEASE = Timeout.ofSeconds(5);
    private static final ContentType JSON = ContentType.create("application/json");
    private static final int MAX_HEADERS = 100;
    private static final int MAX_LINE = 8192;

    private final VettingResolver resolver;
    private final CloseableHttpClient client;
    private final ScheduledThreadPoolExecutor watchdog;

    HttpTransport(VettingResolver resolver, SSLContext tls, String userAgent) {
        this.resolver = resolver;
        this.client = client(resolver, tls, userAgent);
        this.watchdog = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("http-sink-watchdog").factory());
        watchdog.setRemoveOnCancelPolicy(true);
    }

    private static CloseableHttpClient client(VettingResolver resolver, SSLContext tls, String userAgent) {
        Http1Config http1 = Http1Config.custom()
                .setMaxHeaderCount(MAX_HEADERS)
                .setMaxLineLength(MAX_LINE)
                .build();
        ConnectionConfig connections = ConnectionConfig.custom()
                .setConnectTimeout(CONNECT)
                .setTimeToLive(TimeValue.ofMinutes(5))
                .setValidateAfterInactivity(TimeValue.ofMilliseconds(500))
                .build();
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(http1)
                                .build())
                        .setDnsResolver(resolver)
                        .setTlsSocketStrategy(new DefaultClientTlsStrategy(
                                tls, HostnameVerificationPolicy.BOTH, HttpsSupport.getDefaultHostnameVerifier()))
                        .setDefaultTlsConfig(TlsConfig.custom()
                                .setHandshakeTimeout(Timeout.ofSeconds(10))
                                .setSupportedProtocols(TLS.V_1_2, TLS.V_1_3)
                                .build())
                        .setDefaultConnectionConfig(connections)
                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.STRICT)
                        .setMaxConnPerRoute(Bulkhead.PER_TARGET)
                        .setMaxConnTotal(Bulkhead.IN_ALL)
                        .build())
                .setRoutePlanner(new DefaultRoutePlanner(null))
                .setUserAgent(userAgent)
                .evictIdleConnections(TimeValue.ofSeconds(20))
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableContentCompression()
                .disableConnectionState()
                .build();
    }

    /**
     * The answer to a call.
     *
     * @param status the status code
     * @param retryAfter the header of that name
     * @param body at most {@link #MAX_ANSWER_BYTES} of the body
     * @param charset how the body is written
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one delivery and is never compared
    record Answer(int status, Optional<String> retryAfter, byte[] body, Charset charset) {}

    /** Thrown when a call was not over in time. */
    static final class OutOfTimeException extends IOException {
        @Serial
        private static final long serialVersionUID = 1;

        OutOfTimeException(@Nullable Throwable cause) {
            super("out of time", cause);
        }
    }

    /**
     * Sends a body.
     *
     * @param target where to
     * @param headers names and values in turn
     * @param body JSON
     * @param timeout how long it may take in all
     * @return the answer
     * @throws OutOfTimeException if it took longer
     * @throws InterruptedException if the thread was interrupted; the connection is closed
     * @throws IOException if there is no answer, or not a whole one
     */
    Answer post(Target target, String[] headers, byte[] body, Duration timeout)
            throws IOException, InterruptedException {
        HttpPost post = new HttpPost(URI.create("/"));
        post.setScheme(target.scheme());
        post.setAuthority(new URIAuthority(target.host(), target.port()));
        post.setPath(target.path());
        for (int i = 0; i < headers.length; i += 2) {
            post.setHeader(headers[i], headers[i + 1]);
        }
        post.setEntity(new ByteArrayEntity(body, JSON));
        post.setConfig(RequestConfig.custom()
                .setConnectionRequestTimeout(LEASE)
                .setResponseTimeout(Timeout.of(timeout))
                .setRedirectsEnabled(false)
                .setAuthenticationEnabled(false)
                .setProtocolUpgradeEnabled(false)
                .build());
        long deadline = System.nanoTime() + timeout.toNanos();
        // On a thread of its own, since closing a TLS connection may block on its peer.
        ScheduledFuture<?> bite = watchdog.schedule(
                () -> Thread.startVirtualThread(post::cancel), timeout.toNanos(), TimeUnit.NANOSECONDS);
        try {
            return ScopedValue.where(VettingResolver.DEADLINE, deadline)
                    .call(() -> execute(new HttpHost(target.scheme(), target.host(), target.port()), post));
        } catch (IOException e) {
            if (Thread.interrupted()) {
                InterruptedException interrupt = new InterruptedException("interrupted while calling " + target);
                interrupt.initCause(e);
                throw interrupt;
            }
            throw System.nanoTime() - deadline >= 0 ? new OutOfTimeException(e) : e;
        } finally {
            bite.cancel(false);
        }
    }

    private Answer execute(HttpHost host, HttpPost post) throws IOException {
        ClassicHttpResponse response = client.executeOpen(host, post, null);
        try {
            HttpEntity entity = response.getEntity();
            Header retryAfter = response.getFirstHeader("Retry-After");
            return new Answer(
                    response.getCode(),
                    Optional.ofNullable(retryAfter).map(Header::getValue),
                    entity == null ? new byte[0] : read(entity, post),
                    charset(entity));
        } finally {
            // What goes wrong in closing a connection that was cut off says nothing about the answer.
            Closer.closeQuietly(response);
        }
    }

    /** Reads to the end, so that the connection can be used again; what is too long is cut off with the connection. */
    private static byte[] read(HttpEntity entity, HttpPost post) throws IOException {
        InputStream content = entity.getContent();
        byte[] body = content.readNBytes(MAX_ANSWER_BYTES);
        if (body.length == MAX_ANSWER_BYTES && content.read() >= 0) {
            // Before anything closes the stream, which would read it to an end that may never come.
            post.cancel();
        }
        return body;
    }

    private static Charset charset(@Nullable HttpEntity entity) {
        ContentType type = entity == null ? null : ContentType.parseLenient(entity.getContentType());
        Charset charset = type == null ? null : type.getCharset();
        return charset == null ? StandardCharsets.UTF_8 : charset;
    }

    @Override
    public void close() {
        watchdog.shutdownNow();
        client.close(CloseMode.IMMEDIATE);
        resolver.close();
    }
}
