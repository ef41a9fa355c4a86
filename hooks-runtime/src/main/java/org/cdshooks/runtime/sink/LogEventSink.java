package org.cdshooks.runtime.sink;

import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Writes each event as one line to the log {@value #LOGGER}: for trials, and to see what a task yields. */
public final class LogEventSink implements EventSink {
    static final String LOGGER = "hooks.events";
    static final ConfigOption<String> LEVEL = ConfigOption.choice(
                    "sink.level", "The level of the line in the log.", "debug", "info", "warn")
            .withDefault("info");

    private static final SinkDescriptor DESCRIPTOR =
            SinkDescriptor.of("log", "Writes each event as one line to the log.", ConfigDef.of(LEVEL));
    private static final int KEPT_BYTES = 2048;

    private final Logger log;

    /** Makes a sink that writes to {@value #LOGGER}. */
    public LogEventSink() {
        this(LoggerFactory.getLogger(LOGGER));
    }

    LogEventSink(Logger log) {
        this.log = log;
    }

    @Override
    public SinkDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public DeliveryResult deliver(Delivery delivery) {
        Level level = switch (delivery.config().get(LEVEL)) {
            case "debug" -> Level.DEBUG;
            case "warn" -> Level.WARN;
            default -> Level.INFO;
        };
        if (log.isEnabledForLevel(level)) {
            log.atLevel(level)
                    .addKeyValue("task", delivery.task().id())
                    .addKeyValue("type", delivery.task().type())
                    .addKeyValue("execution", delivery.execution())
                    .addKeyValue("payload", payload(delivery))
                    .log("hook event");
        }
        return DeliveryResult.delivered("");
    }

    private static String payload(Delivery delivery) {
        String json = EventJson.payload(delivery);
        // Four times what is kept, so that a credential at the edge is seen whole.
        String beginning = json.substring(0, Math.min(json.length(), 4 * KEPT_BYTES));
        return CleanText.cut(encoded(CleanText.mask(beginning)), KEPT_BYTES);
    }

    /** Writes as JSON does what JSON would let through: DEL, C1 controls, bidi marks, separators. */
    private static String encoded(String json) {
        StringBuilder text = new StringBuilder(json.length());
        json.codePoints().forEach(c -> {
            if (CleanText.steers(c)) {
                for (char unit : Character.toChars(c)) {
                    text.append(String.format("\\u%04x", (int) unit));
                }
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.toString();
    }
}
