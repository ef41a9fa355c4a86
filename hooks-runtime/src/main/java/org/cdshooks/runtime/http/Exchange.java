package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One request and its answer, as the routes see them. Used on the connection's thread only. */
final class Exchange {
    private static final byte[] NOTHING = new byte[0];
    private static final int READ = 16 << 10;

    private final ServerRequest request;
    private final ServerResponse response;
    private final GuardedConnection connection;
    private final ResponseHeaders standardHeaders;
    private final HttpLimits limits;
    private final TrustedProxies proxies;
    private final Instant begun;
    private final long begunNanos = System.nanoTime();
    private final String path;

    private List<String> parameters = List.of();
    private @Nullable InetAddress peer;
    private boolean closing;
    private boolean compressing;

    Exchange(
            ServerRequest request,
            ServerResponse response,
            GuardedConnection connection,
            ResponseHeaders standardHeaders,
            HttpLimits limits,
            TrustedProxies proxies,
            Instant begun) {
        this.request = request;
        this.response = response;
        this.connection = connection;
        this.standardHeaders = standardHeaders;
        this.limits = limits;
        this.proxies = proxies;
        this.begun = begun;
        this.path = request.prologue().uriPath().rawPath();
        this.closing = request.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
    }

    String method() {
        return request.prologue().method().text();
    }

    /** The path as sent, neither decoded nor tidied up. */
    String path() {
        return path;
    }

    /** The query as sent, without the question mark. */
    String rawQuery() {
        return request.prologue().query().rawValue();
    }

    ServerRequestHeaders headers() {
        return request.headers();
    }

    String header(HeaderName name) {
        return request.headers().first(name).orElse("");
    }

    /** The address of who sends the request: the other end of the connection, or whom trusted proxies name. */
    InetAddress peerAddress() {
        if (peer == null) {
            peer = request.remotePeer().address() instanceof InetSocketAddress there && there.getAddress() != null
                    ? proxies.sender(there.getAddress(), request.headers())
                    : InetAddress.getLoopbackAddress(); // not connected by TCP: from this machine
        }
        return peer;
    }

    String peer() {
        return peerAddress().getHostAddress();
    }

    ServerRequest request() {
        return request;
    }

    ServerResponse response() {
        return response;
    }

    void parameters(List<String> decoded) {
        this.parameters = decoded;
    }

    /** A part of the path that the route's pattern leaves open, decoded. */
    String parameter(int index) {
        return parameters.get(index);
    }

    Optional<String> query(String name) {
        return Query.first(rawQuery(), name);
    }

    boolean hasBody() {
        return request.content().hasEntity();
    }

    /**
     * Reads the body whole.
     *
     * @param limit how many bytes at most
     * @return the body; empty if there is none
     * @throws HttpProblem 413 if there is more, 400 if its framing is broken, 503 if other bodies take up all the room, or
     *     other requests all slots
     * @throws CloseConnectionException if the peer is gone or took too long: there is nobody to answer
     */
    byte[] body(long limit) {
        if (!request.content().hasEntity()) {
            return NOTHING;
        }
        long wanted = Math.min(limit, limits.maxBody());
        long length = request.headers().contentLength().orElse(-1);
        if (length > wanted) {
            throw tooLarge(wanted);
        }
        connection.bodyBegins(wanted);
        try {
            byte[] body = length >= 0 ? readExactly((int) length) : readChunks(wanted);
            if (!connection.bodyEnds()) {
                throw connection.slot().refusal();
            }
            return body;
        } catch (HttpProblem | CloseConnectionException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw readingFailed(e, wanted);
        }
    }

    private RuntimeException readingFailed(Exception e, long wanted) {
        if (connection.hasFoundNoRoom()) {
            return HttpProblem.of(503, "other large bodies are under way; try again")
                    .with(ResponseHeaders.RETRY_SOON)
                    .closing();
        }
        if (connection.hasOverflown()) {
            return tooLarge(wanted);
        }
        if (connection.hasEnded()
                || connection.hasExpired()
                || e instanceof ServerConnectionException
                || e instanceof UncheckedIOException
                || e instanceof DataReader.InsufficientDataAvailableException) {
            return new CloseConnectionException("the body did not arrive whole", e);
        }
        if (e instanceof RequestException refused && refused.status().code() == 413) {
            return tooLarge(wanted);
        }
        return HttpProblem.of(400, "the body's framing is broken").closing();
    }

    private HttpProblem tooLarge(long wanted) {
        return HttpProblem.of(413, "this endpoint takes bodies up to " + wanted + " bytes")
                .closing();
    }

    private byte[] readExactly(int length) throws IOException {
        byte[] body = new byte[Math.min(length, READ)];
        InputStream in = request.content().inputStream();
        int at = 0;
        while (at < length) {
            if (at == body.length) {
                body = grown(body, length);
            }
            int n = in.read(body, at, body.length - at);
            if (n <= 0) {
                throw new CloseConnectionException("the body did not arrive whole");
            }
            at += n;
            connection.bodyTaken(n);
        }
        if (in.read() >= 0) { // which also tells the library that the body has been read
            throw HttpProblem.of(400, "the body is longer than its Content-Length")
                    .closing();
        }
        return body;
    }

    private byte[] readChunks(long wanted) throws IOException {
        InputStream in = request.content().inputStream();
        byte[] body = new byte[READ];
        int at = 0;
        for (int n = in.read(body, at, body.length - at); n > 0; n = in.read(body, at, body.length - at)) {
            at += n;
            connection.bodyTaken(n);
            if (at > wanted) {
                throw tooLarge(wanted);
            }
            if (at == body.length) {
                body = grown(body, wanted + 1);
            }
        }
        return Arrays.copyOf(body, at);
    }

    /** Grows with what arrives, not with what is announced: nobody gets memory for a promise. */
    private static byte[] grown(byte[] body, long most) {
        return Arrays.copyOf(body, (int) Math.min(2L * body.length, most));
    }

    /** Tells that the body is not needed any more, though the answer will take its time. */
    void bodyForgotten() {
        connection.bodyForgotten();
    }

    /** From now on until the answer is sent, {@link #isPeerThere} finds out whether the peer hangs up. */
    void watchPeer() {
        connection.watchPeer();
    }

    boolean isPeerThere() {
        return connection.isPeerThere();
    }

    /** Lets the answer be compressed if the client asks for that. */
    void compressing() {
        compressing = true;
    }

    void add(Header header) {
        response.headers().set(header);
    }

    /** Ends the connection after the answer. */
    void closing() {
        closing = true;
    }

    boolean isClosing() {
        return closing;
    }

    boolean isAnswered() {
        return response.isSent();
    }

    void json(int status, GoJson.Content content) {
        json(status, GoJson.bytes(content));
    }

    void json(int status, byte[] body) {
        add(ResponseHeaders.JSON);
        send(status, body);
    }

    /**
     * Answers with JSON that may be longer than there is memory: what is written is sent at once. A document that fails is
     * cut off by the end of the connection, so that nobody takes it for whole.
     */
    void stream(int status, GoJson.Content content) {
        if (method().equals("HEAD")) {
            json(status, content);
            return;
        }
        add(ResponseHeaders.JSON);
        standardHeaders.addTo(response.headers(), begun, System.nanoTime() - begunNanos);
        ContentCoding coding = compressing ? coding() : ContentCoding.IDENTITY;
        if (closing) {
            add(HeaderValues.CONNECTION_CLOSE);
        }
        response.status(Statuses.of(status));
        try {
            OutputStream out = coding.encoding(response.outputStream());
            GoJson.stream(out, content);
            out.close();
        } catch (IOException | RuntimeException e) {
            throw new CloseConnectionException("the answer could not be written to its end", e);
        }
    }

    /** Finds out how the client wants the answer, and says so in the headers. */
    private ContentCoding coding() {
        add(ResponseHeaders.VARY);
        ContentCoding coding = ContentCoding.wanted(headers().all(HeaderNames.ACCEPT_ENCODING, List::of));
        if (coding != ContentCoding.IDENTITY) {
            add(coding.header());
        }
        return coding;
    }

    void noContent() {
        add(ResponseHeaders.JSON); // as the original does, without a body
        send(204, NOTHING);
    }

    void text(int status, String contentType, String body) {
        add(HeaderValues.create(HeaderNames.CONTENT_TYPE, contentType));
        add(ResponseHeaders.NO_SNIFF);
        send(status, body.getBytes(UTF_8));
    }

    /** Answers with a status and no body. */
    void bare(int status) {
        send(status, NOTHING);
    }

    /** Answers with nothing but headers. */
    void empty(int status) {
        standardHeaders.addTo(response.headers(), begun, -1);
        finish(status, NOTHING);
    }

    /** Answers outside of the known routes: text, and none of the usual headers. */
    void unknownPath() {
        add(ResponseHeaders.TEXT);
        add(ResponseHeaders.NO_SNIFF);
        finish(404, "404 page not found\n".getBytes(UTF_8));
    }

    UUID error(HttpProblem problem) {
        UUID uuid = UUID.randomUUID();
        if (problem.isClosing()) {
            closing = true;
        }
        problem.headers().forEach(this::add);
        json(
                problem.status(),
                ErrorBody.render(
                        problem.status(),
                        problem.detail(),
                        problem.problems(),
                        header(HeaderNames.ACCEPT_LANGUAGE),
                        uuid));
        return uuid;
    }

    private void send(int status, byte[] body) {
        standardHeaders.addTo(response.headers(), begun, System.nanoTime() - begunNanos);
        finish(status, body);
    }

    private void finish(int status, byte[] body) {
        byte[] sent = body;
        if (compressing && body.length > 0) {
            ContentCoding coding = coding();
            sent = coding == ContentCoding.IDENTITY ? body : coding.encoded(body);
        }
        if (closing) {
            add(HeaderValues.CONNECTION_CLOSE);
        }
        response.status(Statuses.of(status));
        boolean bodiless = status == 204 || status == 205 || status == 304;
        if (method().equals("HEAD") && !bodiless) {
            response.headers().contentLength(sent.length);
            sent = NOTHING;
        }
        response.send(bodiless ? NOTHING : sent);
    }
}
