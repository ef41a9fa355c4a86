package org.cdshooks.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cdshooks.api.HttpCall;

/** A request to a task's endpoint, made up by a test. Immutable; each method that adds something returns a copy. */
public final class TestCall implements HttpCall {
    private final String method;
    private final String path;
    private final String query;
    private final Map<String, List<String>> headers;
    private final byte[] body;
    private final Optional<Instant> receivedAt;

    private TestCall(
            String method,
            String path,
            String query,
            Map<String, List<String>> headers,
            byte[] body,
            Optional<Instant> receivedAt) {
        this.method = method;
        this.path = path;
        this.query = query;
        this.headers = headers;
        this.body = body;
        this.receivedAt = receivedAt;
    }

    /**
     * Creates a request without headers and body.
     *
     * @param method the method, in any case
     * @param target the path below the endpoint and the query, such as {@code "/push?branch=main"}, {@code
     *     "?branch=main"} or nothing
     * @return a request
     * @throws IllegalArgumentException if the target is neither empty nor begins with a slash or a question mark
     */
    public static TestCall of(String method, String target) {
        if (!target.isEmpty() && !target.startsWith("/") && !target.startsWith("?")) {
            throw new IllegalArgumentException(
                    "target '" + target + "' must be empty or begin with / or ?: it is the part below the endpoint");
        }
        int mark = target.indexOf('?');
        String path = mark < 0 ? target : target.substring(0, mark);
        String query = mark < 0 ? "" : target.substring(mark + 1);
        return new TestCall(method.toUpperCase(Locale.ROOT), path, query, Map.of(), new byte[0], Optional.empty());
    }

    /**
     * Adds a header; one of the same name is kept beside it.
     *
     * @param name its name, in any case
     * @param value its value
     * @return a copy with it
     */
    public TestCall header(String name, String value) {
        String key = name.toLowerCase(Locale.ROOT);
        Map<String, List<String>> all = new TreeMap<>(headers);
        List<String> values = new ArrayList<>(all.getOrDefault(key, List.of()));
        values.add(value);
        all.put(key, List.copyOf(values));
        return new TestCall(method, path, query, Collections.unmodifiableMap(all), body, receivedAt);
    }

    /**
     * Adds headers.
     *
     * @param more names, in any case, and values
     * @return a copy with them
     */
    public TestCall headers(Map<String, String> more) {
        TestCall call = this;
        for (Map.Entry<String, String> header : more.entrySet()) {
            call = call.header(header.getKey(), header.getValue());
        }
        return call;
    }

    /**
     * Sets the body.
     *
     * @param text the body, sent as UTF-8
     * @return a copy with it
     */
    public TestCall body(String text) {
        return body(text.getBytes(UTF_8));
    }

    /**
     * Sets the body.
     *
     * @param bytes the body; copied
     * @return a copy with it
     */
    public TestCall body(byte[] bytes) {
        return new TestCall(method, path, query, headers, bytes.clone(), receivedAt);
    }

    /**
     * Says that it came in before, was refused, and is let in now by an operator.
     *
     * @param time when it came in
     * @return a copy with that time
     */
    public TestCall receivedAt(Instant time) {
        return new TestCall(method, path, query, headers, body, Optional.of(time));
    }

    @Override
    public Optional<Instant> receivedAt() {
        return receivedAt;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String query() {
        return query;
    }

    @Override
    public Map<String, List<String>> headers() {
        return headers;
    }

    @Override
    public byte[] body() {
        return body.clone();
    }

    @Override
    public String toString() {
        return method + " " + path + (query.isEmpty() ? "" : "?" + query) + " " + headers + ", " + body.length
                + " bytes";
    }
}
