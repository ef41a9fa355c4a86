package org.cdshooks.runtime.cds;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.HookConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts workflows by the CDS API (PROTOCOL 3.3): one run for each event. The project and the workflow are those of the task
 * as it is now. A call is made once; what is worth another try is tried again by the rules of all sinks.
 */
public final class CdsEventSink implements EventSink {
    private static final Logger LOG = LoggerFactory.getLogger(CdsEventSink.class);
    private static final SinkDescriptor DESCRIPTOR =
            SinkDescriptor.of("cds", "Starts a workflow by the CDS API.", ConfigDef.of());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONGEST_REST = Duration.ofSeconds(30);

    private record Running(CdsApi api, InstantSource clock, Duration timeout) {}

    /** How long the API has been away, and when it is tried again. */
    private record Away(Instant since, Instant until, String reason) {}

    private volatile Optional<Running> running = Optional.empty();
    private volatile Optional<Away> away = Optional.empty();

    @Override
    public SinkDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public void start(NodeContext node) {
        running = node.service(CdsCalls.class).map(calls -> new Running(calls.api(), node.clock(), calls.timeout()));
    }

    @Override
    public DeliveryResult deliver(Delivery delivery) throws InterruptedException {
        Optional<Running> here = running;
        if (here.isEmpty()) {
            return DeliveryResult.rejected(
                    "this service belongs to no CDS installation: cds.api.url is not set; give the task another sink");
        }
        HookConfig config = delivery.task().config();
        Optional<String> project = option(config, Hooks.PROJECT);
        Optional<String> workflow = option(config, Hooks.WORKFLOW);
        if (project.isEmpty() || workflow.isEmpty()) {
            return DeliveryResult.rejected("the task has no " + (project.isEmpty() ? Hooks.PROJECT : Hooks.WORKFLOW)
                    + ", so there is nothing that could be run");
        }
        Instant now = here.get().clock().instant();
        Optional<Away> rest = away.filter(gone -> now.isBefore(gone.until()));
        if (rest.isPresent()) {
            return DeliveryResult.deferred(rest.get().reason(), rest(rest.get(), now));
        }
        Duration left = Duration.between(now, delivery.deadline());
        Duration timeout =
                left.compareTo(here.get().timeout()) < 0 ? left : here.get().timeout();
        if (!timeout.isPositive()) {
            return DeliveryResult.retry("no time was left in this attempt to call the CDS API");
        }
        String path = "/project/" + CdsApi.part(project.get()) + "/workflows/" + CdsApi.part(workflow.get()) + "/runs";
        return run(here.get(), path, body(delivery), timeout);
    }

    private DeliveryResult run(Running here, String path, byte[] body, Duration timeout) throws InterruptedException {
        try {
            long number = here.api().call("POST", path, body, new String[0], timeout, (answer, headers) -> num(answer));
            away = Optional.empty();
            return DeliveryResult.delivered("").run(number);
        } catch (ApiException e) {
            Optional<Away> before = away;
            away = Optional.empty();
            return switch (e) {
                case ApiException.Away gone -> rested(gone, before, here.clock().instant());
                case ApiException.Unanswered lost ->
                    DeliveryResult.retry(lost.getMessage() + "; it may have started the run all the same");
                case ApiException.Refused refused -> judge(refused);
            };
        }
    }

    /** Nothing was sent, so no try is used up: an API that is away for an hour costs no run. */
    private DeliveryResult rested(ApiException.Away failure, Optional<Away> before, Instant now) {
        Away gone =
                new Away(before.map(Away::since).orElse(now), now.plusSeconds(1), String.valueOf(failure.getMessage()));
        away = Optional.of(gone);
        return DeliveryResult.deferred(gone.reason(), rest(gone, now));
    }

    /** What CDS itself says is final, save what a later time may mend; what stands before it says nothing of the run. */
    private static DeliveryResult judge(ApiException.Refused refused) {
        int status = refused.status();
        String reason = String.valueOf(refused.getMessage());
        return switch (status) {
            // 401: the API has forgotten this service, which the next heartbeat mends.
            case 401, 408, 425, 429 -> DeliveryResult.retry(reason);
            default -> status >= 400 && status < 500 ? DeliveryResult.rejected(reason) : DeliveryResult.retry(reason);
        };
    }

    /** The longer it is away the longer the rest, so that many that wait don't ask all the time. */
    private static Duration rest(Away away, Instant now) {
        long millis = Math.clamp(Duration.between(away.since(), now).toMillis() / 2, 1000, LONGEST_REST.toMillis());
        return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
    }

    /**
     * Reads the number of the run. A success is a success, whatever becomes of its body: the run has been started, and must
     * not be started again.
     */
    private static long num(InputStream answer) {
        try (JsonParser json = JSON.createParser(answer)) {
            if (json.nextToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    JsonToken value = json.nextToken();
                    if (name.equals("num") && value == JsonToken.VALUE_NUMBER_INT) {
                        return json.getLongValue();
                    }
                    json.skipChildren();
                }
            }
        } catch (IOException e) {
            LOG.warn("a run was started, but its number can't be read: {}", e.getMessage());
        }
        return 0;
    }

    private static byte[] body(Delivery delivery) {
        // To text first: the generator for bytes throws on half of a surrogate pair, and such an event is a user's.
        StringWriter out = new StringWriter(512);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeObjectFieldStart("hook");
            json.writeObjectFieldStart("payload");
            for (Map.Entry<String, String> value :
                    new TreeMap<>(delivery.event().values()).entrySet()) {
                json.writeStringField(value.getKey(), value.getValue());
            }
            json.writeEndObject();
            json.writeStringField("uuid", delivery.task().id().value());
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not of memory
        }
        return out.toString().getBytes(UTF_8);
    }

    private static Optional<String> option(HookConfig config, String name) {
        return Optional.ofNullable(config.extras().get(name)).filter(value -> !value.isEmpty());
    }
}
