package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.ConfigValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A running server on a free port, over an engine that only remembers. */
abstract class ServerTest {
    static final String AUTH =
            "X_auth_header: " + Base64.getEncoder().encodeToString(FakeEngine.HASH.getBytes(UTF_8)) + "\r\n";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger LIBRARY = Logger.getLogger("io.helidon");

    static {
        LIBRARY.setLevel(Level.WARNING);
    }

    final FakeEngine engine = new FakeEngine();
    HttpServer server;

    /** Limits that a test can reach. */
    HttpLimits limits() {
        return HttpLimits.defaults().maxBody(4 << 20);
    }

    /** What the server's patience with peers is measured by. */
    LongSupplier nanoTime() {
        return System::nanoTime;
    }

    HttpServices services() {
        return engine.services();
    }

    HttpConfig config() {
        return HttpConfig.defaults("127.0.0.1", 0, () -> FakeEngine.HASH, new BuildInfo("snapshot", "abc", ""))
                .limits(limits());
    }

    @BeforeEach
    void start() {
        server = HttpServer.start(config(), services(), nanoTime());
    }

    @AfterEach
    void stop() {
        server.stop(Duration.ofMillis(200));
    }

    /** Waits for something that comes for sure, unless there is a defect. */
    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited in vain until %s", what).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Waits until so many connections wait for that. */
    void until(GuardedConnection.Phase phase, long count) {
        until(count + " connections are in " + phase, () -> server.connections().count(phase) == count);
    }

    RawClient connect() {
        return new RawClient(server.port());
    }

    void webhook(String id, String method) {
        engine.put(new TaskId(id), "Webhook", Map.of("method", ConfigValue.of(method)));
    }

    /** Sends one well-formed request with the service hash. */
    RawClient.Answer admin(String method, String path, String body) {
        return exchange(method, path, AUTH, body.getBytes(UTF_8));
    }

    RawClient.Answer get(String path) {
        return admin("GET", path, "");
    }

    RawClient.Answer anonymous(String method, String path, String body) {
        return exchange(method, path, "", body.getBytes(UTF_8));
    }

    RawClient.Answer exchange(String method, String path, String headers, byte[] body) {
        try (RawClient client = connect()) {
            client.send(request(method, path, headers, body));
            return method.equals("HEAD") ? client.readHead() : client.read();
        }
    }

    static byte[] request(String method, String path, String headers, byte[] body) {
        String length = body.length == 0 ? "" : "Content-Length: " + body.length + "\r\n";
        return Http10.concat(
                (method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + length + "\r\n")
                        .getBytes(ISO_8859_1),
                body);
    }

    static JsonNode json(RawClient.Answer answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + answer.text(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every error has the one form, and says nothing of what is inside. */
    static JsonNode error(RawClient.Answer answer, int status) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        JsonNode error = json(answer);
        assertThat(error.path("status").asInt()).isEqualTo(status);
        assertThat(error.path("id").asInt()).isPositive();
        assertThat(error.path("message").asText()).isNotEmpty().doesNotContain("Exception", "java.", "helidon");
        assertThat(error.path("uuid").asText()).hasSize(36);
        return error;
    }
}
