package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.plugin.PluginSuspended;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.OutgoingEvent;

/**
 * The deliveries of one attempt: each event that has not arrived goes to the sink on its own, so one that fails does not
 * keep the others back. Only a sink that says that it can take nothing now, or that its target is gone, ends the round.
 */
final class Deliveries {
    /** What a round needs of the attempt that it is part of. */
    interface Round {
        /** Calls the sink, with a deadline of its own. */
        DeliveryResult deliver(Letter letter) throws PluginFailure, InterruptedException;

        /** Stores what has arrived so far; false if the execution is not ours any more. */
        boolean keep(Execution execution) throws InterruptedException;

        /** Says in words why a call of the sink failed. */
        String explain(PluginFailure failure);
    }

    /** What came of a round. */
    sealed interface Outcome {
        /** All have arrived. */
        record Arrived() implements Outcome {}

        /** Some have failed and may do better. */
        record Retry(String reason, Optional<Duration> after) implements Outcome {}

        /** Some could not be tried. */
        record Deferred(String reason, Duration after) implements Outcome {}

        /** Some can never arrive; all others have, unless the target is gone. */
        record Rejected(String reason, boolean gone) implements Outcome {}

        /** The execution is not ours any more. */
        record Lost() implements Outcome {}
    }

    /** One event on its way. */
    record Letter(
            Task task,
            HookConfig config,
            ExecutionId execution,
            long timestamp,
            int attempt,
            HookEvent event,
            String idempotencyKey,
            Instant deadline)
            implements EventSink.Delivery {
        Letter by(Instant newDeadline) {
            return new Letter(task, config, execution, timestamp, attempt, event, idempotencyKey, newDeadline);
        }
    }

    private final LiveHook live;
    private final Round round;
    private final List<OutgoingEvent> events;
    private Execution execution;
    private Outcome worst = new Outcome.Arrived();

    Deliveries(LiveHook live, Execution execution, List<OutgoingEvent> events, Round round) {
        this.live = live;
        this.execution = execution;
        this.events = new ArrayList<>(events);
        this.round = round;
    }

    /** Returns the execution with what has arrived so far. */
    Execution execution() {
        return execution;
    }

    /** Delivers what has not arrived. */
    Outcome deliver() throws InterruptedException {
        for (int i = 0; i < events.size(); i++) {
            if (events.get(i).delivered()) {
                continue;
            }
            switch (attempt(i)) {
                case DeliveryResult.Delivered delivered -> {
                    if (!arrived(i, delivered)) {
                        return new Outcome.Lost();
                    }
                }
                case DeliveryResult.Retry retry -> worse(new Outcome.Retry(told(i, retry.reason()), retry.after()));
                case DeliveryResult.Deferred deferred -> {
                    worse(new Outcome.Deferred(told(i, deferred.reason()), deferred.after()));
                    return worst;
                }
                case DeliveryResult.Rejected rejected -> {
                    Outcome.Rejected told = new Outcome.Rejected(told(i, rejected.reason()), rejected.gone());
                    if (rejected.gone()) {
                        return told;
                    }
                    worse(told);
                }
            }
        }
        return worst;
    }

    private DeliveryResult attempt(int i) throws InterruptedException {
        try {
            return round.deliver(new Letter(
                    live.asTask(),
                    live.config().sinkConfig(),
                    execution.key().id(),
                    execution.key().timestamp(),
                    execution.attempt(),
                    events.get(i).event(),
                    i == 0 ? execution.key().toString() : execution.key() + "/" + (i + 1),
                    Instant.MAX));
        } catch (PluginSuspended e) {
            return DeliveryResult.deferred(e.reason(), e.retryAfter());
        } catch (PluginFailure e) {
            return DeliveryResult.retry(round.explain(e));
        }
    }

    /** A crash after this does not send the event again if there are others left. */
    private boolean arrived(int i, DeliveryResult.Delivered delivered) throws InterruptedException {
        events.set(i, new OutgoingEvent(events.get(i).event(), true));
        execution = execution.delivered(Texts.cut(delivered.answer()), delivered.run());
        if (events.size() == 1) {
            return true;
        }
        execution = execution.events(events);
        return i == events.size() - 1 || round.keep(execution);
    }

    /** What may still succeed outweighs what can't: the execution is not over then. */
    private void worse(Outcome outcome) {
        if (weight(outcome) > weight(worst)) {
            worst = outcome;
        }
    }

    private static int weight(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Arrived a -> 0;
            case Outcome.Rejected r -> 1;
            case Outcome.Deferred d -> 2;
            case Outcome.Retry r -> 3;
            case Outcome.Lost l -> 4;
        };
    }

    private String told(int i, String reason) {
        return Texts.cut(events.size() == 1 ? reason : "event " + (i + 1) + " of " + events.size() + ": " + reason);
    }
}
