package org.cdshooks.runtime.cds;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TrustAllStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.Closer;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.ssl.SSLContextBuilder;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Calls the CDS API exactly as CDS's own service does (PROTOCOL 2): the API picks the way in which it authenticates a caller by
 * its {@code User-Agent}. A call is made once; who calls decides what is tried again. Thread-safe.
 */
public final class CdsApi implements AutoCloseable {
    static final String USER_AGENT = "CDS/service";

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final int CONNECTIONS = 256;
    private static final int MAX_ERROR = 64 * 1024;

    /** More than any list of hooks: what is longer is no answer but an attack on memory or on time. */
    private static final long MAX_ANSWER = 512L * 1024 * 1024;

    private static final String SENDING = "cds.sending";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI api;
    private final Duration timeout;
    private final CloseableHttpClient client;
    private final ScheduledThreadPoolExecutor watchdog;
    private volatile String hash = "";

    /**
     * Makes a client; connects to nothing yet.
     *
     * @param settings where the API is
     */
    public CdsApi(CdsSettings settings) {
        this.api = settings.api();
        this.timeout = settings.requestTimeout();
        this.client = client(settings.insecure());
        this.watchdog = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("cds-api-watchdog").factory());
        watchdog.setRemoveOnCancelPolicy(true);
    }

    private static CloseableHttpClient client(boolean insecure) {
        SSLContext tls;
        try {
            tls = insecure
                    ? SSLContextBuilder.create()
                            .loadTrustMaterial(TrustAllStrategy.INSTANCE)
                            .build()
                    : SSLContext.getDefault();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
        DefaultClientTlsStrategy strategy = insecure
                ? new DefaultClientTlsStrategy(tls, HostnameVerificationPolicy.CLIENT, NoopHostnameVerifier.INSTANCE)
                : new DefaultClientTlsStrategy(tls);
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setTlsSocketStrategy(strategy)
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(CONNECT))
                                .build())
                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.STRICT)
                        .setMaxConnPerRoute(CONNECTIONS)
                        .setMaxConnTotal(CONNECTIONS)
                        .build())
                .setRoutePlanner(new DefaultRoutePlanner(null))
                .setUserAgent(USER_AGENT)
                .setRequestExecutor(new Sending())
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableContentCompression()
                .build();
    }

    /** Uses the hash that a registration has given, from now on. */
    void authenticateBy(String serviceHash) {
        hash = serviceHash;
    }

    /** Reads the body of a success. */
    @FunctionalInterface
    interface Reading<T> {
        /**
         * Reads.
         *
         * @param body the body, decoded
         * @param headers finds a header of the answer
         */
        T read(InputStream body, Function<String, Optional<String>> headers) throws IOException;
    }

    /**
     * Makes one call.
     *
     * @param method the HTTP method
     * @param path what is behind the address of the API, with its query; its parts are {@linkplain #part escaped}
     * @param body JSON; null sends none
     * @param headers more headers, names and values in turn
     * @param reading reads the answer if it is a success
     * @return what it has read
     * @throws ApiException.Away if nothing was sent
     * @throws ApiException.Unanswered if there was no whole answer
     * @throws ApiException.Refused if the answer is no success
     * @throws InterruptedException if the thread was interrupted
     */
    <T> T call(String method, String path, byte @Nullable [] body, String[] headers, Reading<T> reading)
            throws ApiException, InterruptedException {
        return call(method, path, body, headers, timeout, reading);
    }

    /** As the other one, with a time of its own. */
    <T> T call(
            String method, String path, byte @Nullable [] body, String[] headers, Duration timeout, Reading<T> reading)
            throws ApiException, InterruptedException {
        HttpUriRequestBase request = new HttpUriRequestBase(method, URI.create(api + path));
        request.setHeader("Connection", "close");
        request.setHeader("Content-Type", "application/json");
        request.setHeader("X-Requested-With", "X-CDS-SDK");
        String known = hash;
        if (!known.isEmpty()) {
            request.setHeader("X_auth_header", Base64.getEncoder().encodeToString(known.getBytes(UTF_8)));
        }
        request.setHeader("Accept-Encoding", "gzip");
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        if (body != null) {
            request.setEntity(new Body(body));
        }
        request.setConfig(RequestConfig.custom()
                .setConnectionRequestTimeout(Timeout.of(timeout))
                .setResponseTimeout(Timeout.of(timeout))
                .setRedirectsEnabled(false)
                .setAuthenticationEnabled(false)
                .setProtocolUpgradeEnabled(false) // would add headers
                .build());
        return timed(request, timeout, reading);
    }

    private <T> T timed(HttpUriRequestBase request, Duration timeout, Reading<T> reading)
            throws ApiException, InterruptedException {
        HttpClientContext context = HttpClientContext.create();
        AtomicBoolean late = new AtomicBoolean();
        // The timeouts of the client are for one read each; this one is for the whole.
        ScheduledFuture<?> bite = watchdog.schedule(
                () -> {
                    late.set(true);
                    Thread.startVirtualThread(request::cancel);
                },
                timeout.toNanos(),
                TimeUnit.NANOSECONDS);
        try {
            return execute(request, context, reading);
        } catch (ApiException e) {
            throw e;
        } catch (IOException e) {
            if (Thread.interrupted()) {
                InterruptedException interrupt = new InterruptedException("interrupted while calling the CDS API");
                interrupt.initCause(e);
                throw interrupt;
            }
            String why = late.get() || e instanceof SocketTimeoutException
                    ? "no answer within " + timeout.toMillis() + " ms"
                    : words(e);
            if (context.getAttribute(SENDING) == null) {
                throw new ApiException.Away("the CDS API at " + api + " can't be reached: " + why, e);
            }
            throw new ApiException.Unanswered(
                    request.getMethod() + " " + request.getPath() + " at " + api + " was not answered: " + why, e);
        } finally {
            bite.cancel(false);
        }
    }

    /** Notes that there is a connection and that something is sent: from then on a failure does not say what has happened. */
    private static final class Sending extends HttpRequestExecutor {
        @Override
        public ClassicHttpResponse execute(
                ClassicHttpRequest request,
                HttpClientConnection connection,
                @Nullable HttpResponseInformationCallback informationCallback,
                HttpContext context)
                throws IOException, HttpException {
            context.setAttribute(SENDING, true);
            return super.execute(request, connection, informationCallback, context);
        }
    }

    private static String words(IOException failure) {
        return failure instanceof UnknownHostException
                ? "unknown host " + failure.getMessage()
                : String.valueOf(failure.getMessage());
    }

    private <T> T execute(HttpUriRequestBase request, HttpClientContext context, Reading<T> reading)
            throws IOException {
        ClassicHttpResponse response = client.executeOpen(null, request, context);
        try {
            int status = response.getCode();
            if (status < 200 || status >= 300) {
                throw refused(request, status, error(response), header(response, "Retry-After"));
            }
            return reading.read(new Answer(response), name -> header(response, name));
        } finally {
            request.cancel(); // what was not read is not waited for
            Closer.closeQuietly(response);
        }
    }

    private static Optional<String> header(ClassicHttpResponse response, String name) {
        return Optional.ofNullable(response.getFirstHeader(name)).map(Header::getValue);
    }

    /** The status tells what matters; an error whose words are cut off is one all the same. */
    private static byte[] error(ClassicHttpResponse response) {
        try (InputStream body = new Answer(response)) {
            return body.readNBytes(MAX_ERROR);
        } catch (IOException e) {
            return new byte[0];
        }
    }

    /** The decoded body. Opened by its first read, so that whoever reads it has seen the status before it can fail. */
    private static final class Answer extends InputStream {
        private final ClassicHttpResponse response;
        private @Nullable InputStream opened;
        private long left = MAX_ANSWER;

        Answer(ClassicHttpResponse response) {
            this.response = response;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            InputStream body = opened;
            if (body == null) {
                body = open();
                opened = body;
            }
            int read = body.read(into, from, length);
            left -= Math.max(0, read);
            if (left < 0) {
                throw new IOException("the answer is longer than " + MAX_ANSWER + " bytes");
            }
            return read;
        }

        private InputStream open() throws IOException {
            HttpEntity entity = response.getEntity();
            if (entity == null) {
                return InputStream.nullInputStream();
            }
            boolean packed = header(response, "Content-Encoding")
                    .filter(coding -> coding.strip().equalsIgnoreCase("gzip"))
                    .isPresent();
            return packed ? new GZIPInputStream(entity.getContent()) : entity.getContent();
        }
    }

    /** An error of CDS is {@code {"id":40,"message":"hook not found","uuid":"…"}}. */
    private ApiException.Refused refused(
            HttpUriRequestBase request, int status, byte[] body, Optional<String> retryAfter) {
        String said = "";
        OptionalInt ofCds = OptionalInt.empty();
        try {
            JsonNode error = JSON.readTree(body);
            if (error != null
                    && error.path("message").isTextual()
                    && error.path("id").isIntegralNumber()) {
                ofCds = OptionalInt.of(error.get("id").asInt());
                said = ": " + cut(error.get("message").asText());
            }
        } catch (IOException e) {
            said = ": " + cut(new String(body, UTF_8));
        }
        return new ApiException.Refused(
                status,
                ofCds,
                retryAfter,
                "the CDS API answered " + status + " to " + request.getMethod() + " " + request.getPath() + said);
    }

    private static String cut(String text) {
        String line = text.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        return line.length() <= 300 ? line : line.substring(0, 300) + "…";
    }

    /** Escapes one part of a path. */
    static String part(String text) {
        String escaped = URLEncoder.encode(text, UTF_8).replace("+", "%20");
        return escaped.equals(".") || escaped.equals("..") ? escaped.replace(".", "%2E") : escaped;
    }

    @Override
    public void close() {
        watchdog.shutdownNow();
        client.close(CloseMode.IMMEDIATE);
    }

    /** Bytes, without a Content-Type of their own: that stands among the headers, as for requests without a body. */
    private static final class Body extends AbstractHttpEntity {
        private final byte[] bytes;

        Body(byte[] bytes) {
            super((org.apache.hc.core5.http.ContentType) null, null, false);
            this.bytes = bytes;
        }

        @Override
        public long getContentLength() {
            return bytes.length;
        }

        @Override
        public InputStream getContent() {
            return new java.io.ByteArrayInputStream(bytes);
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            out.write(bytes);
        }

        @Override
        public boolean isRepeatable() {
            return true;
        }

        @Override
        public boolean isStreaming() {
            return false;
        }

        @Override
        public void close() {}
    }
}
