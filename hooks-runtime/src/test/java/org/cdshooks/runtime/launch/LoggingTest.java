package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class LoggingTest {
    @AfterEach
    void restore() {
        Logging.apply("info", "text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"debug", "trace"})
    void librariesThatPrintWhatTheySendAndReceiveStayQuiet(String level) {
        Logging.apply(level, "text");
        Logging.quiet(List.of("com.acme.client"));

        for (String wire : List.of(
                "io.helidon.webserver.http1.Http1LoggingConnectionListener.recv",
                "io.lettuce.core.protocol.CommandHandler",
                "io.netty.handler",
                "org.apache.hc.client5.http.wire",
                "org.apache.hc.client5.http.headers",
                "com.acme.client.Wire")) {
            assertThat(LoggerFactory.getLogger(wire).isDebugEnabled()).as(wire).isFalse();
        }
        assertThat(LoggerFactory.getLogger("org.cdshooks.runtime.engine.Engine").isDebugEnabled())
                .isTrue();
        assertThat(LoggerFactory.getLogger("com.acme.hooks.Mine").isDebugEnabled())
                .isTrue();
    }

    @Test
    void aLineOfJsonHasItsMessageWithTheValuesInIt() {
        PrintStream before = System.err;
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        System.setErr(new PrintStream(lines, true, StandardCharsets.UTF_8));
        try {
            Logging.apply("info", "json");
            Logger log = LoggerFactory.getLogger("org.cdshooks.audit");
            log.warn("event={} peer={}", "refused", "10.0.0.1");
        } finally {
            System.setErr(before);
        }

        assertThat(lines.toString(StandardCharsets.UTF_8))
                .contains("event=refused peer=10.0.0.1")
                .doesNotContain("{} peer");
    }
}
