package org.cdshooks.runtime.engine;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.OverloadedException;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.filter.Verdict;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.plugin.PluginSuspended;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.TaskRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries out what tasks would do, each time with a hook of its own that is stopped afterwards. The store is only read, and no
 * sink is called.
 */
final class Rehearsals {
    /** How long somebody waits for an {@code execute} at most. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How many invocations of one request are looked at. */
    private static final int MAX_RUNS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Rehearsals.class);

    private final Node node;
    private final Masking masking;
    private final HookMaker maker;

    Rehearsals(Node node, Masking masking, HookMaker maker) {
        this.node = node;
        this.masking = masking;
        this.maker = maker;
    }

    /**
     * Tries one out.
     *
     * @throws InvalidConfigException if there is no hook for the config
     */
    Rehearsal of(TaskRecord stored, Rehearsal.Input input, Optional<Map<String, ConfigValue>> draft)
            throws InterruptedException {
        TaskRecord task = draft.map(config -> drafted(stored, config)).orElse(stored);
        LiveHook live;
        try {
            live = Bounded.call(
                    node.limits().call(),
                    task.type(),
                    "create",
                    () -> maker.make(task, draft.isPresent() ? maker.check(task) : maker.read(task)));
        } catch (PluginSuspended e) {
            throw new OverloadedException(e.reason());
        } catch (PluginFailure e) {
            throw new InvalidConfigException(List.of(
                    new ConfigProblem("type", "hook type '" + task.type() + "' can't take this task: " + e.reason())));
        }
        try {
            return new OfHook(live, stored.stopped()).of(input);
        } finally {
            stop(live);
        }
    }

    /** A draft has what the stored task has and nobody writes: secrets that are blanked, the address of its endpoint. */
    private TaskRecord drafted(TaskRecord stored, Map<String, ConfigValue> config) {
        Map<String, ConfigValue> all = new TreeMap<>(config);
        Optional.ofNullable(stored.config().get(TaskConfigs.WEB_HOOK_URL))
                .ifPresent(url -> all.putIfAbsent(TaskConfigs.WEB_HOOK_URL, url));
        return masking.restored(stored.id(), stored.type(), all, Optional.of(stored))
                .stored(stored.revision(), stored.createdAt());
    }

    private void stop(LiveHook live) {
        try {
            Bounded.call(
                    node.limits().call(),
                    live.task().type(),
                    "stop",
                    () -> live.config().type().call(type -> {
                        live.hook().stop();
                        return true;
                    }));
        } catch (PluginFailure e) {
            LOG.warn("A hook that was tried out could not be stopped: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One rehearsal, on the caller's thread; plugins are called on others. */
    private final class OfHook {
        private final LiveHook live;
        private final List<String> notes = new ArrayList<>();

        OfHook(LiveHook live, boolean isStopped) {
            this.live = live;
            if (isStopped) {
                notes.add("the task is stopped: until it is started, what comes in ends as skipped");
            }
        }

        Rehearsal of(Rehearsal.Input input) throws InterruptedException {
            return switch (input) {
                case Rehearsal.Input.Request request -> request(request.call());
                case Rehearsal.Input.Stored stored ->
                    ended(Optional.empty(), List.of(run(stored.execution().replayed(), Optional.empty())));
            };
        }

        private Rehearsal ended(Optional<Rehearsal.Answer> answer, List<Rehearsal.Run> runs) {
            Map<String, ConfigValue> sink = new TreeMap<>(live.config().masked());
            sink.keySet().removeIf(name -> !name.startsWith(SinkDescriptor.OPTION_PREFIX));
            return new Rehearsal(answer, runs, live.config().sink().name(), sink, List.copyOf(notes));
        }

        // ---------------------------------------------------------------------------------------- what comes in

        private Rehearsal request(HttpCall call) throws InterruptedException {
            Optional<Trigger.Http> found = live.triggers().http();
            if (found.isEmpty()) {
                return refused(
                        404,
                        "this task takes no requests; what else fires it can't be tried out without firing it: name an "
                                + "execution to see what would become of that");
            }
            Trigger.Http http = found.get();
            if (!http.methods().isEmpty() && !http.methods().contains(call.method())) {
                return refused(405, call.method() + " is not taken; " + String.join(", ", http.methods()) + " is");
            }
            long maxBody = http.maxBody().orElse(TaskEndpoints.MAX_BODY);
            if (call.body().length > maxBody) {
                return refused(413, "the body has more than " + maxBody + " bytes");
            }
            Listener listener = new Listener(live);
            HttpReply reply;
            try {
                reply = Bounded.call(
                        node.limits().call(),
                        live.task().type(),
                        "receive",
                        () -> live.config()
                                .type()
                                .call(type -> requireNonNull(
                                        http.receiver().receive(call, listener), "receive returned null")));
            } catch (PluginFailure e) {
                return refused(500, "the hook failed: " + e.reason());
            }
            List<Rehearsal.Run> runs = new ArrayList<>();
            for (Invocation invocation : listener.heard) {
                ExecutionKey key =
                        new ExecutionKey(live.task().type(), live.task().id(), node.nanos());
                runs.add(run(
                        Execution.of(
                                key,
                                http.name(),
                                live.config().masked(),
                                CredentialHeaders.blanked(invocation.payload())),
                        invocation.dedupKey()));
            }
            return ended(Optional.of(answer(call, reply, runs)), List.copyOf(runs));
        }

        /** As if the execution had ended in time and everything had arrived. */
        private Rehearsal.Answer answer(HttpCall call, HttpReply reply, List<Rehearsal.Run> runs) {
            if (reply.receipt().isEmpty()) {
                return new Rehearsal.Answer(reply.status(), false, Texts.cut(reply.body()), Optional.empty());
            }
            AnswerOptions options = live.config().service().answer();
            ExecutionKey key = ExecutionKey.parse(reply.receipt().get().id().value())
                    .orElseGet(() ->
                            new ExecutionKey(live.task().type(), live.task().id(), node.nanos()));
            Optional<Ending> ending = options.waits() && !runs.isEmpty()
                    ? Optional.of(ending(options, runs.getFirst()))
                    : Optional.empty();
            SenderAnswer answer = options.of(key, false, ending, call.headers());
            return new Rehearsal.Answer(answer.status(), true, "", answer.body());
        }

        private static Ending ending(AnswerOptions options, Rehearsal.Run run) {
            Map<String, String> values = run.events().isEmpty()
                    ? Map.of()
                    : options.named(run.events().getFirst().made().values());
            return switch (run.result()) {
                case COMPLETED ->
                    new Ending(
                            run.events().stream().anyMatch(event -> event.verdict() instanceof Verdict.Passed)
                                    ? Ending.Status.DONE
                                    : Ending.Status.SKIPPED,
                            "",
                            0,
                            "",
                            values);
                case SKIPPED -> new Ending(Ending.Status.SKIPPED, run.reason(), 0, "", values);
                case REJECTED, FAILED -> new Ending(Ending.Status.FAILED, run.reason(), 0, "", values);
            };
        }

        private Rehearsal refused(int status, String why) {
            return ended(Optional.of(new Rehearsal.Answer(status, false, Texts.cut(why), Optional.empty())), List.of());
        }

        // ---------------------------------------------------------------------------------------- what comes of it

        private Rehearsal.Run run(Execution execution, Optional<String> delivery) throws InterruptedException {
            if (!execution.key().type().equals(live.task().type())) {
                return over(
                        execution,
                        delivery,
                        Rehearsal.Result.FAILED,
                        "the task is of type '" + live.task().type() + "' now, and this came in as '"
                                + execution.key().type() + "'");
            }
            Duration timeout = live.config().service().timeout();
            Duration limit = timeout.compareTo(PATIENCE) < 0 ? timeout : PATIENCE;
            try {
                ExecutionResult result =
                        Bounded.call(limit, live.task().type(), "execute", () -> execute(execution, limit));
                return switch (result) {
                    case ExecutionResult.Completed completed ->
                        new Rehearsal.Run(
                                execution.trigger(),
                                delivery,
                                Rehearsal.Result.COMPLETED,
                                "",
                                Bounded.call(
                                        limit,
                                        live.task().type(),
                                        "filtering",
                                        () -> judged(completed.events(), execution)));
                    case ExecutionResult.Skipped skipped ->
                        over(execution, delivery, Rehearsal.Result.SKIPPED, skipped.reason());
                    case ExecutionResult.Rejected rejected ->
                        over(execution, delivery, Rehearsal.Result.REJECTED, rejected.reason());
                };
            } catch (PluginFailure e) {
                return over(execution, delivery, Rehearsal.Result.FAILED, e.reason());
            }
        }

        private ExecutionResult execute(Execution execution, Duration limit)
                throws PluginFailure, InterruptedException {
            Instant deadline = node.steady().plus(limit);
            Fired fired = new Fired(
                    execution.begun(node.nanos()),
                    () -> node.store().cursor(live.task().id()));
            ExecutionContext context = new ExecutionContext() {
                @Override
                public Instant deadline() {
                    return node.wall(deadline);
                }

                @Override
                public boolean isCancelled() {
                    return Thread.currentThread().isInterrupted();
                }
            };
            return live.config()
                    .withoutHidden(live.config()
                            .type()
                            .call(type ->
                                    requireNonNull(live.hook().execute(fired, context), "execute returned null")));
        }

        private List<Rehearsal.Event> judged(List<HookEvent> events, Execution execution) throws InterruptedException {
            List<Rehearsal.Event> judged = new ArrayList<>();
            for (HookEvent event : events) {
                judged.add(new Rehearsal.Event(
                        event, live.config().service().rules().judge(event, execution.payload())));
            }
            return List.copyOf(judged);
        }

        private static Rehearsal.Run over(
                Execution execution, Optional<String> delivery, Rehearsal.Result result, String reason) {
            return new Rehearsal.Run(execution.trigger(), delivery, result, Texts.cut(reason), List.of());
        }
    }

    /** Hears what a receiver emits, and stores nothing. */
    private final class Listener implements TriggerContext {
        private final LiveHook live;
        private final List<Invocation> heard = new CopyOnWriteArrayList<>();

        Listener(LiveHook live) {
            this.live = live;
        }

        @Override
        public Receipt emit(Invocation invocation) {
            if (heard.size() == MAX_RUNS) {
                throw new IllegalStateException(
                        "one request would make more than " + MAX_RUNS + " executions, more than can be tried out");
            }
            heard.add(invocation);
            return new Receipt(new ExecutionKey(live.task().type(), live.task().id(), node.nanos()).id(), false);
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
}
