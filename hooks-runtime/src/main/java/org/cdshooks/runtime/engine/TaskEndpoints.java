package org.cdshooks.runtime.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.Serial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.OverloadedException;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.plugin.PluginSuspended;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.Arrival;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.StopMode;
import org.cdshooks.runtime.task.TaskRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of tasks. Those of known tasks are kept for a second, which bounds how late this node hears of a change
 * that another node made, should the news of it be lost; its own changes it hears of at once. Unknown ids leave no trace.
 */
final class TaskEndpoints implements Endpoints {
    /** What is taken if neither the hook nor anybody else says how large a body may be. */
    static final long MAX_BODY = 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(TaskEndpoints.class);

    private final Node node;
    private final Hooks hooks;
    private final Intake intake;
    private final Waiters waiters;
    private final Cache<TaskId, Endpoint> known = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofSeconds(1))
            .build();

    TaskEndpoints(Node node, Hooks hooks, Waiters waiters) {
        this.node = node;
        this.hooks = hooks;
        this.intake = new Intake(node);
        this.waiters = waiters;
    }

    @Override
    public Optional<Endpoint> find(TaskId id) {
        Endpoint endpoint = known.getIfPresent(id);
        if (endpoint != null) {
            return Optional.of(endpoint);
        }
        Optional<TaskRecord> task = node.store().task(id);
        if (task.isEmpty()) {
            return Optional.empty();
        }
        if (task.get().stopped() && task.get().stopMode() != StopMode.STOP) {
            return Optional.of(new Disabled());
        }
        try (Hooks.Use use = hooks.use(task.get())) {
            LiveHook live = use.live();
            Optional<Endpoint> found = live.triggers()
                    .http()
                    .map(http -> new OfTask(task.get(), http, live.config().service()));
            found.ifPresent(made -> known.put(id, made));
            return found;
        } catch (CannotRunException e) {
            return Optional.of(new Unavailable(id, e.reason()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted: the service is stopping", false);
        }
    }

    /** A task was changed or removed. */
    void changed(TaskId id) {
        known.invalidate(id);
    }

    /** Said through a plugin's code: the task was removed while its request was under way. */
    private static final class TaskGoneException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;
    }

    /** The endpoint of one revision of a task. */
    private final class OfTask implements Endpoint {
        private final TaskRecord task;
        private final Trigger.Http http;
        private final int rate;
        private final AnswerOptions answer;

        OfTask(TaskRecord task, Trigger.Http http, ServiceOptions options) {
            this.task = task;
            this.http = http;
            this.rate = options.rate();
            this.answer = options.answer();
        }

        @Override
        public List<String> methods() {
            return http.methods();
        }

        @Override
        public long maxBody() {
            return http.maxBody().orElse(MAX_BODY);
        }

        @Override
        public int rate() {
            return rate;
        }

        @Override
        public HttpReply receive(HttpCall call, Visit visit) throws PluginFailure, InterruptedException {
            try (Hooks.Use use = hooks.use(task)) {
                HttpReply reply = receive(call, visit, use.live());
                count(reply, use.live());
                return reply;
            } catch (CannotRunException e) {
                return new Unavailable(task.id(), e.reason()).receive(call, visit);
            }
        }

        @Override
        public boolean waits() {
            return answer.waits();
        }

        @Override
        public SenderAnswer answer(Receipt receipt, Map<String, List<String>> headers, BooleanSupplier goesOn)
                throws InterruptedException {
            if (answer.isNone()) {
                return SenderAnswer.USUAL;
            }
            ExecutionKey key = ExecutionKey.parse(receipt.id().value()).orElseThrow();
            Optional<Ending> ending =
                    waits() ? Optional.of(waiters.await(key, answer.patience(), goesOn)) : Optional.empty();
            return answer.of(key, receipt.duplicate(), ending, headers);
        }

        private void count(HttpReply reply, LiveHook live) {
            if (reply.receipt().isPresent()) {
                node.tally()
                        .received(live.triggers()
                                .http()
                                .flatMap(Trigger.Http::verification)
                                .isPresent());
            } else if (reply.status() == 401 || reply.status() == 403) {
                node.tally().refused(task.id());
            }
        }

        private HttpReply receive(HttpCall call, Visit visit, LiveHook live)
                throws PluginFailure, InterruptedException {
            Optional<Trigger.Http> trigger = live.triggers().http();
            if (trigger.isEmpty()) {
                return HttpReply.of(404, "task " + task.id() + " takes no requests");
            }
            Emitter emitter = new Emitter(live, trigger.get().name(), visit);
            if (!visit.isVerified()) {
                Payload whole = call.toPayload();
                Payload shown = whole.withAttributes(
                        CredentialHeaders.blanked(whole.attributes(), CredentialHeaders.named(live.task())));
                return HttpReply.accepted(emitter.emit(Invocation.of(shown)));
            }
            try {
                return live.config()
                        .type()
                        .call(type -> java.util.Objects.requireNonNull(
                                trigger.get().receiver().receive(call, emitter), "receive returned null"));
            } catch (PluginSuspended e) { // which quotes no config, and the sender may come again
                throw new OverloadedException(e.reason());
            } catch (PluginFailure e) {
                // what the runtime itself has thrown through the plugin's code is not the plugin's failure
                switch (e.getCause()) {
                    case OverloadedException overloaded -> throw overloaded;
                    case StoreUnavailableException away -> throw away;
                    case TaskGoneException gone -> {
                        return HttpReply.of(404, "task " + task.id() + " has been removed");
                    }
                    case null, default -> throw e;
                }
            }
        }
    }

    /** Takes what a receiver emits. */
    private final class Emitter implements TriggerContext {
        private final LiveHook live;
        private final String trigger;
        private final Visit visit;

        Emitter(LiveHook live, String trigger, Visit visit) {
            this.live = live;
            this.trigger = trigger;
            this.visit = visit;
        }

        @Override
        public Receipt emit(Invocation invocation) {
            Invocation named = named(invocation);
            List<Arrival.Step> steps = new ArrayList<>(visit.steps());
            steps.add(delivery(invocation));
            AcceptResult result = intake.accept(
                    live,
                    trigger,
                    named,
                    CredentialHeaders.blanked(invocation.payload()),
                    new Arrival(visit.sender(), steps));
            return switch (result) {
                case AcceptResult.Stored stored ->
                    new Receipt(stored.execution().key().id(), false);
                case AcceptResult.Duplicate duplicate -> {
                    Receipt first = new Receipt(duplicate.first().id(), true);
                    visit.explain("delivery", RequestDesk.duplicate(first));
                    yield first;
                }
                case AcceptResult.NoSuchTask gone -> throw new TaskGoneException();
                case AcceptResult.Fenced fenced ->
                    throw new IllegalStateException("a request needs no right to listen");
                case AcceptResult.Overloaded full ->
                    throw new OverloadedException("task " + live.task().id() + " has " + full.unfinished()
                            + " unfinished executions, as many as it may have; try again later");
            };
        }

        private Arrival.Step delivery(Invocation invocation) {
            String words = invocation.dedupKey().isEmpty()
                    ? "has no name"
                    : "named " + Visit.line(invocation.dedupKey().get(), 200)
                            + (visit.isAgain() ? ", made again since an operator asked for it" : ", new");
            return new Arrival.Step("delivery", words);
        }

        @Override
        public void explain(String step, String words) {
            visit.explain(step, words);
        }

        /** What has no name was not seen before. */
        private Invocation named(Invocation invocation) {
            if (invocation.dedupKey().isEmpty() && visit.fallbackKey().isPresent()) {
                return invocation.dedupKey(visit.fallbackKey().get());
            }
            if (!visit.isAgain() || invocation.dedupKey().isEmpty()) {
                return invocation;
            }
            Invocation unnamed = Invocation.of(invocation.payload());
            return invocation.cursor().map(unnamed::cursor).orElse(unnamed);
        }

        @Override
        public Optional<String> cursor() {
            return node.store().cursor(live.task().id());
        }

        @Override
        public boolean isCancelled() {
            return Thread.currentThread().isInterrupted();
        }
    }

    /** Takes any request and lets none in. */
    private interface Closed extends Endpoint {
        @Override
        default List<String> methods() {
            return List.of();
        }

        @Override
        default long maxBody() {
            return MAX_BODY;
        }

        @Override
        default int rate() {
            return 0;
        }
    }

    /** Stands where the hook of a disabled task would be. Final for the sender: nobody knows when it is started again. */
    private record Disabled() implements Closed {
        @Override
        public HttpReply receive(HttpCall call, Visit visit) {
            return HttpReply.of(409, "this hook is disabled and takes no requests until its owner starts it again");
        }
    }

    /**
     * Stands where a hook would be if it could be made: senders are told to come again. Not why, since the reason may quote
     * the config; the task's problem has it.
     */
    private record Unavailable(TaskId task, String reason) implements Closed {
        @Override
        public HttpReply receive(HttpCall call, Visit visit) {
            visit.explain("hook", reason);
            LOG.debug("Task {} can't take a request: {}", task, reason);
            return HttpReply.of(503, "this hook can't take requests now; try again later");
        }
    }
}
