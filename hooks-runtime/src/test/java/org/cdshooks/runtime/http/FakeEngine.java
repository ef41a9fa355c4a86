package org.cdshooks.runtime.http;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.engine.Endpoints;
import org.cdshooks.runtime.engine.Engine;
import org.cdshooks.runtime.engine.EngineStatus;
import org.cdshooks.runtime.engine.Executions;
import org.cdshooks.runtime.engine.Rehearsal;
import org.cdshooks.runtime.engine.RevisionView;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.engine.Visit;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.plugin.PluginReport;
import org.cdshooks.runtime.store.StoreCounts;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.TaskRecord;

/** An engine that remembers what it was asked, in memory and without rules but those that the routes rely on. */
final class FakeEngine implements Tasks, Executions {
    static final Instant NOW = Instant.parse("2026-11-24T02:58:49.486412616Z");
    static final String HASH = "698cb4ee-aeaa-4a42-b9e4-f62834e5eebe";
    private static final Map<String, String> TYPES =
            Map.of("WebHook", "Webhook", "Scheduler", "Scheduler", "Kafka hook", "Kafka");

    final Map<TaskId, TaskRecord> tasks = new LinkedHashMap<>();
    final Map<ExecutionKey, Execution> executions = new TreeMap<>(Comparator.comparing(ExecutionKey::toString));
    final Map<TaskId, List<RevisionView>> revisions = new HashMap<>();
    final Map<TaskId, Instant> paused = new HashMap<>();
    final List<String> asked = new CopyOnWriteArrayList<>();
    final List<HttpCall> calls = new CopyOnWriteArrayList<>();
    volatile Optional<ReplayReport> replay = Optional.empty();
    volatile Optional<ReplayReport> lastReplay = Optional.empty();
    final AtomicInteger sequence = new AtomicInteger();
    volatile long maxBody = 1 << 20;
    volatile int rate;
    volatile Optional<String> storeProblem = Optional.empty();
    volatile Optional<String> stopped = Optional.empty();
    volatile boolean draining;
    volatile boolean maintenance;
    volatile Optional<Duration> clockSkew = Optional.empty();
    volatile List<String> nodes = List.of("n1");
    volatile long queued;
    volatile Answer answer = this::accept;
    volatile Consumer<TaskId> atStop = id -> {};
    volatile CountDownLatch entered = new CountDownLatch(1);

    /** What an endpoint does with a request. */
    @FunctionalInterface
    interface Answer {
        HttpReply to(TaskId task, HttpCall call) throws PluginFailure, InterruptedException;
    }

    /** The services of a real engine, and of this one what a server has besides. */
    HttpServices services(Engine real, InstantSource realClock) {
        HttpServices own = services();
        return new HttpServices(
                real.tasks(),
                real.executions(),
                real.endpoints(),
                real.requests(),
                own.status(),
                own.stopped(),
                own.more(),
                own.maintenance(),
                own.plugins(),
                own.typeOfModel(),
                realClock,
                own.extensions());
    }

    HttpServices services() {
        return new HttpServices(
                this,
                this,
                this::endpoint,
                new NoRequests(),
                this::status,
                () -> stopped,
                List::of,
                enable -> maintenance = enable,
                () -> new PluginReport(List.of(
                        new PluginReport.Line(
                                "webhook",
                                "1.0",
                                "plugins/webhook",
                                List.of("Webhook"),
                                List.of(),
                                List.of(),
                                List.of()),
                        new PluginReport.Line(
                                "broken",
                                "",
                                "plugins/broken",
                                List.of(),
                                List.of(),
                                List.of("it <breaks>"),
                                List.of()))),
                model -> Optional.ofNullable(TYPES.get(model)),
                () -> NOW,
                List.of());
    }

    EngineStatus status() {
        return new EngineStatus(
                NOW.minus(Duration.ofSeconds(3723).plusMillis(500)),
                new StoreCounts(tasks.size(), 0, queued, 0, 2, paused.size(), 1),
                0,
                10,
                2,
                failedRecently,
                3,
                4,
                new EngineStatus.Requests(20, 5, 6),
                1,
                tasks.values().stream()
                        .filter(TaskRecord::stopped)
                        .map(TaskRecord::id)
                        .collect(Collectors.toSet()),
                storeProblem,
                durability,
                isSealed,
                draining,
                "n1",
                nodes,
                maintenance,
                clockSkew);
    }

    HttpReply accept(TaskId task, HttpCall call) {
        ExecutionKey key = new ExecutionKey("Webhook", task, 1795488816123456789L + sequence.getAndIncrement());
        executions.put(key, Execution.of(key, "http", Map.of(), call.toPayload()));
        return HttpReply.accepted(new Receipt(key.id(), false));
    }

    void execution(String task, String type, long timestamp, ExecutionStatus status, Payload payload, String trigger) {
        ExecutionKey key = new ExecutionKey(type, new TaskId(task), timestamp);
        executions.put(key, Execution.of(key, trigger, Map.of(), payload).status(status));
    }

    @Override
    public void check(TaskId id, String type, Map<String, ConfigValue> config) {
        List<ConfigProblem> problems = new ArrayList<>();
        if (!TYPES.containsValue(type)) {
            problems.add(new ConfigProblem("type", "there is no hook type '" + type + "'"));
        }
        ConfigValue cron = config.get("cron");
        if (cron != null && cron.value().equals("nope")) {
            problems.add(new ConfigProblem("cron", "'nope' is no cron expression"));
        }
        ConfigValue method = config.get("method");
        if (method != null && method.value().equals("FLY")) {
            problems.add(new ConfigProblem("method", "'FLY' is not a method"));
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
    }

    @Override
    public synchronized TaskView put(TaskId id, String type, Map<String, ConfigValue> config) {
        check(id, type, config);
        asked.add("put " + id);
        TaskRecord before = tasks.get(id);
        TaskRecord task = TaskRecord.of(id, type, config)
                .stored(before == null ? 1 : before.revision() + 1, 1795488816000000000L);
        if (type.equals("Webhook")) {
            task = task.with(
                    "webHookURL", ConfigValue.added(URI.create("http://127.0.0.1:18083/webhook/") + id.value()));
        }
        for (Map.Entry<String, String> value : completed.entrySet()) {
            task = task.with(value.getKey(), ConfigValue.added(value.getValue()));
        }
        tasks.put(id, task);
        return view(task);
    }

    @Override
    public synchronized Optional<Rehearsal> rehearse(
            TaskId id, Rehearsal.Input input, Optional<Map<String, ConfigValue>> draft) {
        asked.add("rehearse " + id);
        return Optional.empty(); // a test of it has an engine
    }

    private TaskView view(TaskRecord task) {
        List<Execution> all = list(task.id(), Long.MAX_VALUE, Integer.MAX_VALUE);
        int todo = (int) all.stream().filter(e -> !e.status().isFinished()).count();
        boolean secret = task.config().containsKey("token");
        TaskRecord shown = secret ? task.with("token", ConfigValue.of("**********")) : task;
        return new TaskView(
                shown,
                new TaskCounts(all.size(), 0, todo, 0, 0),
                Optional.empty(),
                List.of(),
                secret ? Set.of("token") : Set.of(),
                Map.of(),
                Optional.ofNullable(paused.get(task.id())),
                0);
    }

    @Override
    public synchronized Optional<TaskView> find(TaskId id) {
        asked.add("find " + id);
        return Optional.ofNullable(tasks.get(id)).map(this::view);
    }

    @Override
    public synchronized List<TaskView> list(Optional<TaskId> after, int limit) {
        List<TaskRecord> all = new ArrayList<>(tasks.values());
        if (failListsAfter.isPresent() && after.equals(failListsAfter)) {
            throw new StoreUnavailableException("the store is away", false);
        }
        if (after.isPresent() && !tasks.containsKey(after.get())) {
            return List.of(); // as the stores do
        }
        int from =
                after.map(id -> new ArrayList<>(tasks.keySet()).indexOf(id) + 1).orElse(0);
        return all.subList(from, Math.min(all.size(), from + limit)).stream()
                .map(this::view)
                .toList();
    }

    @Override
    public synchronized Optional<TaskView> remove(TaskId id) {
        asked.add("remove " + id);
        return Optional.ofNullable(tasks.remove(id)).map(this::view);
    }

    @Override
    public Optional<TaskView> start(TaskId id) {
        return change(id, "start");
    }

    @Override
    public Optional<TaskView> stop(TaskId id) {
        Optional<TaskView> stopped = change(id, "stop");
        atStop.accept(id);
        return stopped;
    }

    @Override
    public synchronized Optional<TaskView> disable(TaskId id, boolean drain) {
        tasks.computeIfPresent(id, (_, task) -> task.disabled(drain));
        return Optional.ofNullable(tasks.get(id)).map(this::view);
    }

    @Override
    public synchronized Optional<TaskView> suspend(TaskId id, long revision, String reason) {
        tasks.computeIfPresent(id, (_, task) -> task.suspended(reason));
        return Optional.ofNullable(tasks.get(id)).map(this::view);
    }

    @Override
    public synchronized Optional<TaskView> pause(TaskId id, Instant until) {
        if (tasks.containsKey(id)) {
            paused.put(id, until);
        }
        return Optional.ofNullable(tasks.get(id)).map(this::view);
    }

    @Override
    public synchronized Optional<TaskView> resume(TaskId id) {
        paused.remove(id);
        return Optional.ofNullable(tasks.get(id)).map(this::view);
    }

    private synchronized Optional<TaskView> change(TaskId id, String what) {
        asked.add(what + " " + id);
        tasks.computeIfPresent(id, (_, task) -> what.equals("start") ? task.started() : task.stopped(""));
        return Optional.ofNullable(tasks.get(id)).map(this::view);
    }

    @Override
    public Optional<List<Instant>> schedule(TaskId id, Instant from, int count) {
        asked.add("schedule " + id + ' ' + from + ' ' + count);
        return Optional.ofNullable(tasks.get(id)).map(_ -> List.of(from.plusSeconds(60), from.plusSeconds(120)));
    }

    @Override
    public synchronized List<Execution> list(TaskId task, long before, int limit) {
        return executions.values().stream()
                .filter(e -> e.key().task().equals(task) && e.key().timestamp() < before)
                .sorted(Comparator.comparing((Execution e) -> e.key().timestamp())
                        .reversed())
                .limit(limit)
                .toList();
    }

    @Override
    public Optional<Execution> find(TaskId task, long timestamp) {
        return list(task, Long.MAX_VALUE, Integer.MAX_VALUE).stream()
                .filter(e -> e.key().timestamp() == timestamp)
                .findFirst();
    }

    @Override
    public List<RevisionView> revisions(TaskId id) {
        return revisions.getOrDefault(id, List.of());
    }

    @Override
    public Outcome replay(TaskId task, long timestamp, ReplayConfig config) {
        asked.add("replay " + timestamp + " as " + config);
        return find(task, timestamp)
                .map(e -> e.status().isFinished()
                        ? new Outcome.Done(e.status(ExecutionStatus.ENQUEUED))
                        : (Outcome) new Outcome.Refused("it has not ended; stop it first"))
                .orElse(new Outcome.NotFound());
    }

    @Override
    public ReplayStart replayAll(TaskId task, ReplayFilter which, ReplayConfig config, String by) {
        if (!tasks.containsKey(task)) {
            return new ReplayStart.NoSuchTask();
        }
        if (replay.isPresent()) {
            return new ReplayStart.Refused("one is under way");
        }
        asked.add("replay " + task + ' ' + which + (config == ReplayConfig.THEN ? " as then" : ""));
        replay = Optional.of(
                new ReplayReport(NOW, by, Optional.empty(), 3, 1, 1, 2, Optional.empty(), Optional.empty()));
        return new ReplayStart.Started(replay.get());
    }

    @Override
    public Replays replays(TaskId task) {
        return new Replays(replay, lastReplay);
    }

    @Override
    public Optional<ReplayReport> stopReplay(TaskId task, String by) {
        lastReplay = replay.map(r -> new ReplayReport(
                r.since(), r.startedBy(), Optional.of(NOW), 3, 1, 1, 2, Optional.of(by), Optional.of("no <more>")));
        replay = Optional.empty();
        return lastReplay;
    }

    @Override
    public Outcome stop(TaskId task, long timestamp) {
        return find(task, timestamp)
                .map(e -> e.status().isFinished()
                        ? (Outcome) new Outcome.Refused("it has ended")
                        : new Outcome.Done(e.status(ExecutionStatus.FAILED)))
                .orElse(new Outcome.NotFound());
    }

    @Override
    public synchronized int removeAll(TaskId task) {
        Map<ExecutionKey, Execution> kept = new HashMap<>(executions);
        kept.keySet().removeIf(key -> key.task().equals(task));
        int removed = executions.size() - kept.size();
        executions.keySet().retainAll(kept.keySet());
        return removed;
    }

    private synchronized Optional<Endpoints.Endpoint> endpoint(TaskId id) {
        asked.add("endpoint " + id);
        return Optional.ofNullable(tasks.get(id))
                .filter(task -> task.type().equals("Webhook"))
                .map(FakeEndpoint::new);
    }

    volatile Optional<TaskId> failListsAfter = Optional.empty();
    volatile Map<String, String> completed = Map.of();
    volatile long failedRecently;
    volatile boolean isSealed = true;
    volatile String durability = "fsync before each answer";

    private final class FakeEndpoint implements Endpoints.Endpoint {
        private final TaskRecord task;

        FakeEndpoint(TaskRecord task) {
            this.task = task;
        }

        @Override
        public List<String> methods() {
            return Optional.ofNullable(task.config().get("method"))
                    .map(method -> List.of(method.value()))
                    .orElse(List.of());
        }

        @Override
        public long maxBody() {
            return maxBody;
        }

        @Override
        public int rate() {
            return rate;
        }

        @Override
        public HttpReply receive(HttpCall call, Visit visit) throws PluginFailure, InterruptedException {
            calls.add(call);
            if (visit.isAgain()) {
                asked.add("again " + task.id());
            }
            entered.countDown();
            return answer.to(task.id(), call);
        }
    }
}
