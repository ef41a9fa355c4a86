package org.cdshooks.runtime.launch;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.jul.LevelChangePropagator;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sets logging up in code, since reading a file of it costs a tenth of a second at each start. Logback finds this class by
 * ServiceLoader. Everything goes to standard error: standard output is for what commands print.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    /** Line breaks of others must not make lines of the log; stack traces come after, from us. */
    private static final String TEXT =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %replace(%replace(%msg %kvp){'[\\r\\n]+', ' ⏎ '}){'\\p{Cntrl}', '?'}%n%ex";

    private static final String OURS = "org.cdshooks";

    /** Libraries that print what they send and receive at debug: payloads, signatures, passwords. */
    private static final List<String> WIRE =
            List.of("io.helidon", "io.lettuce", "io.netty", "org.apache.hc", "jdk.httpclient", "sun.net.www");

    /** For ServiceLoader. */
    public Logging() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        apply(context, "info", "text");
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Applies what the configuration says and takes over the JDK's own logging, which Helidon uses. */
    static void apply(String level, String format) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.reset();
            LevelChangePropagator propagator = new LevelChangePropagator();
            propagator.setContext(context);
            propagator.setResetJUL(true);
            propagator.start();
            context.addListener(propagator);
            apply(context, level, format);
        }
    }

    private static void apply(LoggerContext context, String level, String format) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("console");
        appender.setTarget("System.err");
        appender.setEncoder(encoder(context, format));
        appender.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        Level wanted = Level.toLevel(level, Level.INFO);
        root.setLevel(wanted);
        // What a library sends and receives is nobody's to read in a log, at any level.
        WIRE.forEach(name -> context.getLogger(name).setLevel(stricter(wanted, Level.INFO)));
        // What the server says about itself at each start; we say it in one line of our own.
        // The store says itself when Redis is away; Lettuce would say it with every try.
        context.getLogger("io.lettuce").setLevel(Level.ERROR);
        context.getLogger("io.helidon").setLevel(stricter(wanted, Level.WARN));
    }

    private static Level stricter(Level one, Level other) {
        return one.isGreaterOrEqual(other) ? one : other;
    }

    /**
     * Lets loggers of libraries that plugins bring say errors only, and at debug what they say at info: clients of brokers
     * print at debug what they send. None of our own.
     */
    static void quiet(List<String> names) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            boolean isDebug = !context.getLogger(Logger.ROOT_LOGGER_NAME)
                    .getEffectiveLevel()
                    .isGreaterOrEqual(Level.INFO);
            names.stream()
                    .filter(name -> !OURS.equals(name) && !OURS.startsWith(name + ".") && !name.startsWith(OURS + "."))
                    .forEach(name -> context.getLogger(name).setLevel(isDebug ? Level.INFO : Level.ERROR));
        }
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, String format) {
        if (format.equals("json")) {
            JsonEncoder json = new JsonEncoder();
            json.setContext(context);
            json.setWithMessage(false);
            json.setWithArguments(false);
            json.setWithFormattedMessage(true);
            json.start();
            return json;
        }
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern(TEXT);
        text.start();
        return text;
    }
}
