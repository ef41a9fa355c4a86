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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.runtime.sink.Bulkhead;
import org.cdshooks.runtime.sink.RetryAfter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts workflows by the CDS API (PROTOCOL 3.3): one run for each event. The project and the workflow are those of the task
 * as it is now. A call is made once; what is worth another try is tried again by the rules of all sinks.
 */
public final class CdsEventSink implements EventSink {
    private static final Logger LOG = LoggerFactory.getLogger(CdsEventSink.class);
    static final String NAME = "cds";

    private static final SinkDescriptor DESCRIPTOR =
            SinkDescriptor.of(NAME, "Starts a workflow by the CDS API.", ConfigDef.of());
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How many calls may be under way at once: the original has one, and the API has other work. */
    private static final int CALLS = 64;

    private static final Duration LONGEST_REST = Duration.ofSeconds(30);

    /** What a call leaves of the time of an attempt, so that it is the call that says why it ended. */
    private static final Duration MARGIN = Duration.ofMillis(500);

    private static final Duration UNKNOWN_REST = Duration.ofSeconds(2);
    private static final String OF_NONE =
            "this service belongs to no CDS installation: cds.api.url is not set; give the task another sink";

    private record Running(CdsCalls calls, InstantSource clock, Bulkhead bulkhead) {}

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
        running = node.service(CdsCalls.class)
                .map(calls -> new Running(calls, node.clock(), new Bulkhead(node.clock(), CALLS)));
    }

    @Override
    public List<ConfigProblem> validate(HookConfig config) {
        return running.isPresent() ? List.of() : List.of(new ConfigProblem("sink", "is " + NAME + ", but " + OF_NONE));
    }

    @Override
    public DeliveryResult deliver(Delivery delivery) throws InterruptedException {
        Optional<Running> here = running;
        if (here.isEmpty()) {
            return DeliveryResult.rejected(OF_NONE);
        }
        HookConfig config = delivery.task().config();
        Optional<String> project = option(config, Hooks.PROJECT);
        Optional<String> workflow = option(config, Hooks.WORKFLOW);
        if (project.isEmpty() || workflow.isEmpty()) {
            return DeliveryResult.rejected("the task has no " + (project.isEmpty() ? Hooks.PROJECT : Hooks.WORKFLOW)
                    + ", so there is nothing that could be run");
        }
        if (!here.get().calls().hasRegistered()) {
            return DeliveryResult.deferred("not registered with the CDS API yet", spread(UNKNOWN_REST));
        }
        Instant now = here.get().clock().instant();
        Optional<Away> rest = away.filter(gone -> now.isBefore(gone.until()));
        if (rest.isPresent()) {
            return DeliveryResult.deferred(rest.get().reason(), rest(rest.get(), now));
        }
        Duration left = Duration.between(now, delivery.deadline()).minus(MARGIN);
        Duration limit = here.get().calls().timeout();
        Duration timeout = left.compareTo(limit) < 0 ? left : limit;
        if (!timeout.isPositive()) {
            return DeliveryResult.retry("no time was left in this attempt to call the CDS API");
        }
        String path = "/project/" + CdsApi.part(project.get()) + "/workflows/" + CdsApi.part(workflow.get()) + "/runs";
        return switch (here.get().bulkhead().admit("the CDS API")) {
            case Bulkhead.Refused(String reason, Duration after) -> DeliveryResult.deferred(reason, after);
            case Bulkhead.Call call -> {
                try (call) {
                    yield run(here.get(), call, path, delivery, timeout);
                }
            }
        };
    }

    private DeliveryResult run(Running here, Bulkhead.Call call, String path, Delivery delivery, Duration timeout)
            throws InterruptedException {
        Task task = delivery.task();
        try {
            byte[] body = body(delivery);
            long number = here.calls()
                    .api()
                    .call("POST", path, body, new String[0], timeout, (answer, headers) -> num(answer));
            call.succeeded();
            away = Optional.empty();
            here.calls().missingHooks().found(task.id(), task.revision());
            return DeliveryResult.delivered("").run(number);
        } catch (ApiException e) {
            return switch (e) {
                case ApiException.Away gone -> rested(gone, here.clock().instant());
                case ApiException.Unanswered lost -> {
                    call.failed();
                    yield DeliveryResult.retry(lost.getMessage()
                            + "; the run may have been started all the same, and then another try starts a second one");
                }
                case ApiException.Refused refused -> {
                    away = Optional.empty();
                    yield refused.isNoHook() ? noHook(here, call, delivery, refused) : judge(here, call, refused);
                }
            };
        }
    }

    /** Nothing was sent, so no try is used up: an API that is away for an hour costs no run. */
    private DeliveryResult rested(ApiException.Away failure, Instant now) {
        Instant since = away.map(Away::since).orElse(now);
        Away gone = new Away(since, now.plusSeconds(1), String.valueOf(failure.getMessage()));
        away = Optional.of(gone);
        return DeliveryResult.deferred(gone.reason(), rest(gone, now));
    }

    /** The workflow may be being saved: nothing was started, so no try is used up. After that its hook is gone. */
    private static DeliveryResult noHook(
            Running here, Bulkhead.Call call, Delivery delivery, ApiException.Refused refused) {
        call.succeeded();
        Task task = delivery.task();
        String reason = String.valueOf(refused.getMessage());
        Optional<Duration> wait = here.calls()
                .missingHooks()
                .missing(task.id(), task.revision(), Instant.EPOCH.plus(Duration.ofNanos(delivery.timestamp())));
        if (wait.isPresent()) {
            return DeliveryResult.deferred(
                    reason + "; its workflow may be being saved, so it is tried again for "
                            + MissingHooks.PATIENCE.toMinutes() + " minutes",
                    wait.get());
        }
        here.calls().suspend(task.id(), task.revision(), reason);
        return DeliveryResult.rejected(reason);
    }

    /** What CDS itself says is final, save what a later time may mend; what stands before it says nothing of the run. */
    private static DeliveryResult judge(Running here, Bulkhead.Call call, ApiException.Refused refused) {
        int status = refused.status();
        String reason = String.valueOf(refused.getMessage());
        if (status == 401) {
            // It has forgotten this service, as it does when it hears nothing for 3 minutes: nothing was started.
            here.calls().registerAnew();
            return DeliveryResult.deferred(
                    reason + "; this service registers anew, and then it is tried again", spread(UNKNOWN_REST));
        }
        boolean broken = status >= 500 && !refused.isOfCds();
        if (broken) {
            call.failed();
        } else {
            call.succeeded();
        }
        Optional<Duration> asked = refused.retryAfter()
                .flatMap(value -> RetryAfter.parse(value, here.clock().instant()));
        if (broken && status != 504 && here.calls().problem().isPresent()) {
            // What stands before the API says that it is away, and so do the heartbeats: no try is used up.
            return DeliveryResult.deferred(reason, asked.orElseGet(() -> spread(LONGEST_REST)));
        }
        boolean isFinal = refused.isOfCds() && status >= 400 && status < 500;
        if (isFinal && status != 408 && status != 425 && status != 429) {
            return DeliveryResult.rejected(reason);
        }
        DeliveryResult.Retry retry = new DeliveryResult.Retry(reason, Optional.empty());
        return asked.map(retry::after).orElse(retry);
    }

    private static Duration spread(Duration most) {
        return Duration.ofMillis(
                most.toMillis() / 2 + ThreadLocalRandom.current().nextLong(most.toMillis() / 2 + 1));
    }

    /** The longer it is away the longer the rest, so that many that wait don't ask all the time. */
    private static Duration rest(Away away, Instant now) {
        long millis = Math.clamp(Duration.between(away.since(), now).toMillis() / 2, 1000, LONGEST_REST.toMillis());
        return spread(Duration.ofMillis(millis));
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
