package org.cdshooks.runtime.sink;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogEventSinkTest {
    private final LogEventSink sink = new LogEventSink();
    private final Logger logger = (Logger) LoggerFactory.getLogger("hooks.events");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.start();
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    private EventSink.Delivery delivery(Map<String, String> options, Map<String, String> event) {
        return SinkFixture.delivery(
                sink.descriptor().config().parse(options), HookEvent.of(event), Instant.parse("2026-03-01T12:00:00Z"));
    }

    private static Map<String, String> pairs(ILoggingEvent line) {
        return line.getKeyValuePairs().stream()
                .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
    }

    @Test
    void writesOneLineAtTheLevelOfTheTask() {
        Map.of("debug", Level.DEBUG, "info", Level.INFO, "warn", Level.WARN).forEach((option, level) -> {
            lines.list.clear();
            assertThat(sink.deliver(delivery(Map.of("sink.level", option), Map.of("b", "2", "a", "1"))))
                    .isInstanceOf(DeliveryResult.Delivered.class);
            assertThat(lines.list).singleElement().satisfies(line -> {
                assertThat(line.getLevel()).isEqualTo(level);
                assertThat(pairs(line))
                        .containsEntry("task", "0a1b2c")
                        .containsEntry("type", "Webhook")
                        .containsEntry("execution", "hooks:tasks:executions:Webhook:0a1b2c:1700000000000000001")
                        .containsEntry("payload", "{\"a\":\"1\",\"b\":\"2\"}");
            });
        });
        lines.list.clear();
        sink.deliver(delivery(Map.of(), Map.of()));
        assertThat(lines.list.getFirst().getLevel()).isEqualTo(Level.INFO);
    }

    @Test
    void aPayloadCanNeitherForgeLinesNorFillTheLogNorTellSecrets() {
        sink.deliver(delivery(
                Map.of(),
                Map.of("a", "x\r\nERROR \u001b[31m\u009b\u202e", "b", "é".repeat(100_000), "api_token", "HUSH")));
        String payload = pairs(lines.list.getFirst()).getOrDefault("payload", "");
        assertThat(payload)
                .startsWith("{\"a\":\"x\\r\\nERROR \\u001B[31m\\u009b\\u202e\",\"api_token\":\"**********\"")
                .endsWith("…");
        assertThat(payload.getBytes(java.nio.charset.StandardCharsets.UTF_8).length)
                .isLessThanOrEqualTo(2048);
    }
}
