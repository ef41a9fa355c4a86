package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.ClaimPhase;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.store.NextTimes;
import org.cdshooks.runtime.store.Progress;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.Ring;
import org.cdshooks.runtime.store.RingResult;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.StoreCounts;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskChangeListener;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.redis.Link.Use;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.MalformedRecordException;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.TaskJson;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store that many nodes share. What a transition does, its script says; this class brings JSON in and out, and keeps
 * nothing in memory.
 *
 * <p>Long, since the contract is: most methods are one script.
 *
 * <p>A call whose answer was lost may have been done. Each script bears that: what was taken by a claim without an answer is
 * given to the next one, an accepted execution without an answer was not acknowledged, and everything else does nothing the
 * second time.
 */
final class RedisTaskStore implements TaskStore {
    /** Stands in the script that rings where the JSON of a skipped run would: nothing is recorded of it. */
    private static final String MERGES = "merge";

    /** How long the answer to an accepted execution may be lost and the call come again, as the same call. */
    private static final long REPEAT_MICROS = Duration.ofSeconds(10).toNanos() / 1000;

    /** In the place of what a task was: what is stored. */
    private static final String STORED = "stored";

    /** How many entries one script is about: all other commands of all nodes wait until a script ends. */
    private static final int STEP = 500;

    private static final Logger LOG = LoggerFactory.getLogger(RedisTaskStore.class);

    private final RedisKeys keys;
    private final Link link;
    private final Optional<InstantSource> clock;
    private final String name =
            Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
    private final LongAdder refused = new LongAdder();
    private final AtomicReference<OptionalLong> unansweredClaim = new AtomicReference<>(OptionalLong.empty());

    /** Tells what was heard: Lettuce's threads must not wait for whoever listens. */
    private final ExecutorService teller = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("hooks-redis-events").factory());

    private volatile Runnable onWork = () -> {};
    private volatile TaskChangeListener onTaskChange = TaskChangeListener.NOBODY;

    /**
     * Opens a store.
     *
     * @param clock judges instead of Redis's own, for tests
     */
    RedisTaskStore(RedisOptions options, Optional<InstantSource> clock) {
        this(options, clock, Script.load(new RedisKeys(options.prefix())));
    }

    /** Opens a store with other scripts, for tests. */
    RedisTaskStore(RedisOptions options, Optional<InstantSource> clock, Map<Script, Script.Text> scripts) {
        this.keys = new RedisKeys(options.prefix());
        this.clock = clock;
        this.link = new RedisLink(
                options,
                keys,
                scripts,
                new Adoption(keys, name, options.attempts(), this::micros),
                word -> teller.execute(() -> heard(word)),
                () -> teller.execute(this::connected));
    }

    /** Opens a store over another link, for tests. It hears of nothing that others do. */
    RedisTaskStore(RedisKeys keys, InstantSource clock, Link link) {
        this.keys = keys;
        this.clock = Optional.of(clock);
        this.link = link;
    }

    // ------------------------------------------------------------------------------------------------------ tasks

    @Override
    public TaskRecord putTask(TaskRecord task, Optional<Due> timer) {
        return put(task, timer, "", STORED)
                .orElseThrow(() -> new IllegalStateException("nothing was asked that can fail"));
    }

    @Override
    public Optional<TaskRecord> replaceTask(
            Optional<TaskRecord> seen, TaskRecord task, Optional<TaskRecord> former, Optional<Due> timer) {
        // Revisions are never given twice, so they tell a task that was removed and made anew as well.
        return put(
                task,
                timer,
                seen.map(before -> Long.toString(before.revision())).orElse("-"),
                former.<Object>map(TaskJson::encode).orElse(""));
    }

    private Optional<TaskRecord> put(TaskRecord task, Optional<Due> timer, String revision, Object former) {
        checkType(task.type());
        List<Object> arguments = arguments(task.id().value(), TaskJson.encode(task), revision, name, former);
        addTimer(arguments, timer);
        Answer answer = change(Use.DOOR, Script.PUT_TASK, arguments);
        return answer.isEmpty()
                ? Optional.empty()
                : Optional.of(task.stored(answer.get(0).number(), answer.get(1).number()));
    }

    @Override
    public Optional<TaskRecord> task(TaskId id) {
        Answer answer = ask(Use.DOOR, Script.READ_TASK, id.value());
        if (answer.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(TaskJson.decode(answer.get(0).bytes())
                    .stored(answer.get(1).number(), answer.get(2).number()));
        } catch (MalformedRecordException e) {
            throw new StoreUnavailableException("the record of task " + id + " can't be read: " + e.getMessage(), e);
        }
    }

    @Override
    public List<TaskRevision> revisions(TaskId id) {
        return RevisionRows.read(id, ask(Use.DOOR, Script.REVISIONS, id.value(), ""));
    }

    @Override
    public Optional<TaskRevision> revision(TaskId id, long number) {
        return RevisionRows.read(id, ask(Use.DOOR, Script.REVISIONS, id.value(), number)).stream()
                .filter(found -> found.holds(number))
                .findFirst();
    }

    @Override
    public boolean removeTask(TaskId id) {
        return change(Use.DOOR, Script.REMOVE_TASK, arguments(id.value(), name)).number() == 1;
    }

    @Override
    public List<TaskRecord> tasks(Optional<TaskId> after, int limit) {
        List<TaskRecord> page = new ArrayList<>();
        String last = after.map(TaskId::value).orElse("");
        while (page.size() < limit) {
            int wanted = Math.min(limit - page.size(), STEP);
            List<Answer> found =
                    ask(Use.DOOR, Script.LIST_TASKS, last, wanted).stream().toList();
            for (Answer each : found) {
                last = each.get(0).text();
                decodeListed(each).ifPresent(page::add);
            }
            if (found.size() < wanted) {
                break;
            }
        }
        return page;
    }

    /** One that can't be read must not keep the others from being listed. */
    private static Optional<TaskRecord> decodeListed(Answer each) {
        try {
            return Optional.of(TaskJson.decode(each.get(1).bytes())
                    .stored(each.get(2).number(), each.get(3).number()));
        } catch (MalformedRecordException e) {
            LOG.error(
                    "task {} is left out, its record can't be read: {}",
                    each.get(0).text(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Optional<String> cursor(TaskId id) {
        Answer answer = ask(Use.WORK, Script.CURSOR, id.value());
        return answer.isEmpty() ? Optional.empty() : Optional.of(answer.text());
    }

    // --------------------------------------------------------------------------------------------------- new work

    @Override
    public AcceptResult accept(Execution execution, AcceptTerms terms) {
        checkType(execution.key().type());
        String call = Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
        boolean remembered = terms.dedupKey().isPresent() && terms.dedupWindow().isPositive();
        Answer answer = change(
                Use.DOOR,
                Script.ACCEPT,
                arguments(
                        execution.key().task().value(),
                        execution.key().type(),
                        execution.key().timestamp(),
                        ExecutionJson.encode(execution.status(ExecutionStatus.ENQUEUED)),
                        remembered
                                ? DeliveryHash.of(terms.dedupKey().orElseThrow())
                                        .hex()
                                : "call-" + call,
                        remembered ? Micros.of(terms.dedupWindow()) : REPEAT_MICROS,
                        call,
                        terms.maxUnfinished(),
                        terms.cursor().isPresent() ? 1 : "",
                        terms.cursor().orElse(""),
                        terms.right().map(RedisTaskStore::right).orElse("")));
        return switch (answer.get(0).text()) {
            case "stored" -> {
                tellWork();
                yield new AcceptResult.Stored(
                        execution.at(answer.get(2).number()).status(ExecutionStatus.ENQUEUED));
            }
            case "duplicate" ->
                new AcceptResult.Duplicate(keys.parse(answer.get(1).text()));
            case "overloaded" -> new AcceptResult.Overloaded((int) answer.get(1).number());
            case "fenced" -> new AcceptResult.Fenced();
            default -> new AcceptResult.NoSuchTask();
        };
    }

    @Override
    public List<Due> dueTimers(int max) {
        return dueTimers(arguments(max));
    }

    @Override
    public List<Due> dueTimers(Set<String> types, int max) {
        return dueTimers(withTypes(arguments(max), types));
    }

    /** No type is an empty name: no types at all would be all of them. */
    private static List<Object> withTypes(List<Object> arguments, Set<String> types) {
        arguments.addAll(types.isEmpty() ? Set.of("") : types);
        return arguments;
    }

    private List<Due> dueTimers(List<Object> arguments) {
        return run(Use.WORK, Script.DUE_TIMERS, arguments).stream()
                .map(each -> new Due(
                        waiting(keys.parse(each.get(0).text()), each.get(2).bytes()),
                        Micros.instant(each.get(1).number())))
                .toList();
    }

    /** Reads a timer's waiting run, which has no content worth speaking of: if it can't be read, it rings nevertheless. */
    private static Execution waiting(ExecutionKey key, byte[] json) {
        try {
            return ExecutionJson.decode(json).at(key.timestamp()).status(ExecutionStatus.SCHEDULED);
        } catch (MalformedRecordException e) {
            LOG.error("the waiting run {} can't be read and rings without its content: {}", key, e.getMessage());
            return Execution.of(key, "timer", Map.of(), Payload.empty());
        }
    }

    @Override
    public RingResult ring(Ring ring) {
        Answer found = readRaw(ring.key());
        if (found.isEmpty() || !found.get(2).text().equals("T")) {
            return RingResult.STALE;
        }
        Execution stored = waiting(ring.key(), found.get(1).bytes());
        Execution run = ring.accepted(stored);
        long now = now();
        Optional<String> busyReason = switch (ring.fate()) {
            case Ring.Fate.Run(Optional<String> reason) -> reason;
            case Ring.Fate.Merge _ -> Optional.empty();
            case Ring.Fate.Record(String _, Optional<String> reason) -> reason;
        };
        Object recorded = switch (ring.fate()) {
            case Ring.Fate.Run _, Ring.Fate.Merge _ -> "";
            case Ring.Fate.Record(String reason, Optional<String> _) -> skipped(run, reason, now);
        };
        List<Object> arguments = arguments(
                keys.execution(ring.key()),
                ring.revision(),
                run.marks().equals(stored.marks()) ? "" : ExecutionJson.encode(run.status(ExecutionStatus.SCHEDULED)),
                recorded,
                ring.fate() instanceof Ring.Fate.Merge
                        ? MERGES
                        : busyReason
                                .<Object>map(reason -> skipped(run, reason, now))
                                .orElse(""));
        addTimer(arguments, ring.next());
        for (Execution missed : ring.catchUp()) {
            checkType(missed.key().type());
            arguments.addAll(List.of(
                    missed.key().type(),
                    missed.key().timestamp(),
                    ExecutionJson.encode(missed.status(ExecutionStatus.ENQUEUED)),
                    busyReason
                            .<Object>map(reason -> skipped(missed, reason, now))
                            .orElse("")));
        }
        String result = run(Use.WORK, Script.RING, arguments).text();
        tellWork();
        return switch (result) {
            case "rung" -> RingResult.RUNG;
            case "skipped" -> RingResult.SKIPPED;
            case "merged" -> RingResult.MERGED;
            default -> RingResult.STALE;
        };
    }

    private static byte[] skipped(Execution execution, String reason, long now) {
        return ExecutionJson.encode(execution.ended(reason, now).status(ExecutionStatus.DONE));
    }

    @Override
    public int promoteRetries(int max) {
        return (int) working(run(Use.WORK, Script.PROMOTE, arguments(max))).number();
    }

    @Override
    public void holdTimer(ExecutionKey key, Duration time) {
        run(Use.WORK, Script.HOLD_TIMER, arguments(keys.execution(key), Micros.of(time)));
    }

    @Override
    public long timersBeside(Set<String> types) {
        return run(Use.DOOR, Script.COUNT_TIMERS, withTypes(arguments(), types)).number();
    }

    @Override
    public NextTimes nextTimes() {
        return nextTimes(arguments());
    }

    @Override
    public NextTimes nextTimes(Set<String> types) {
        return nextTimes(withTypes(arguments(), types));
    }

    private NextTimes nextTimes(List<Object> arguments) {
        Answer answer = run(Use.WORK, Script.NEXT_DUE, arguments);
        Optional<Instant> due = Stream.of(answer.get(0), answer.get(1))
                .flatMap(each -> time(each).stream())
                .min(Comparator.naturalOrder());
        return new NextTimes(Micros.instant(answer.get(3).number()), due, time(answer.get(2)));
    }

    // --------------------------------------------------------------------------------------------------- workers

    @Override
    public List<Claim> claim(int max, int maxPerTask, Duration lease) {
        if (max <= 0) {
            return List.of();
        }
        long token = unansweredClaim
                .getAndSet(OptionalLong.empty())
                .orElseGet(() -> ThreadLocalRandom.current().nextLong(Long.MAX_VALUE));
        Answer answer;
        try {
            answer = ask(Use.WORK, Script.CLAIM, max, maxPerTask, Micros.of(lease), token);
        } catch (StoreUnavailableException e) {
            unansweredClaim.set(OptionalLong.of(token));
            throw e;
        }
        answer.get(1).stream()
                .forEach(each -> LOG.warn(
                        "{} was taken from {} and dropped: {}",
                        each.get(0).text(),
                        keys.queue(),
                        each.get(1).text()));
        List<Claim> claims = new ArrayList<>();
        answer.get(0).stream().forEach(each -> {
            ExecutionKey key = keys.parse(each.get(0).text());
            int crashes = (int) each.get(2).number();
            try {
                Execution execution = ExecutionJson.decode(each.get(1).bytes());
                claims.add(new Claim(execution.at(key.timestamp()).status(ExecutionStatus.DOING), token, crashes));
            } catch (MalformedRecordException e) {
                putAside(key, token, e);
            }
        });
        return claims;
    }

    /** A worker can't have what can't be read: it is FAILED, and its content stays as it is for whoever looks. */
    private void putAside(ExecutionKey key, long token, MalformedRecordException damage) {
        LOG.error("execution {} is put aside as FAILED, its content can't be read: {}", key, damage.getMessage());
        List<Object> arguments = arguments(keys.execution(key), token, "F", "", 0, "", "");
        addTimer(arguments, Optional.empty());
        run(Use.WORK, Script.SETTLE, arguments);
    }

    @Override
    public boolean setPhase(Claim claim, ClaimPhase phase) {
        String letter = switch (phase) {
            case HELD -> "h";
            case RUNNING -> "";
            case ISOLATED -> "i";
        };
        return ask(Use.WORK, Script.SET_PHASE, keys.execution(claim.key()), claim.token(), letter)
                        .number()
                == 1;
    }

    @Override
    public List<Claim> extend(Collection<Claim> claims, Duration lease) {
        List<Claim> all = List.copyOf(claims);
        if (all.isEmpty()) {
            return List.of();
        }
        List<Object[]> calls = new ArrayList<>();
        for (List<Claim> some : inSteps(all)) {
            List<Object> arguments = arguments(Micros.of(lease));
            addClaims(arguments, some);
            calls.add(arguments.toArray());
        }
        List<Claim> lost = new ArrayList<>();
        List<Answer> answers = link.runAll(Use.WORK, Script.EXTEND, calls);
        for (int i = 0; i < answers.size(); i++) {
            int from = i * STEP;
            answers.get(i).stream().forEach(number -> lost.add(all.get(from + (int) number.number())));
        }
        return List.copyOf(lost);
    }

    @Override
    public boolean checkpoint(Claim claim, Progress progress) {
        List<Object> arguments = arguments(
                keys.execution(claim.key()),
                claim.token(),
                ExecutionJson.encode(progress.execution().status(ExecutionStatus.DOING)),
                progress.cursor().isPresent() ? 1 : "",
                progress.cursor().orElse(""),
                progress.revision());
        addTimer(arguments, progress.timer());
        return working(run(Use.WORK, Script.CHECKPOINT, arguments)).number() == 1;
    }

    @Override
    public boolean settle(Claim claim, Settlement settlement) {
        Optional<String> cursor = Optional.empty();
        Optional<Due> timer = Optional.empty();
        long due = 0;
        String place;
        ExecutionStatus status;
        switch (settlement) {
            case Settlement.Done done -> {
                place = "D";
                status = ExecutionStatus.DONE;
                cursor = done.cursor();
                timer = done.timer();
            }
            case Settlement.Retry retry -> {
                place = "R";
                status = whileItWaits(retry.execution());
                due = Micros.notBefore(retry.due());
            }
            case Settlement.Failed _ -> {
                place = "F";
                status = ExecutionStatus.FAILED;
            }
        }
        List<Object> arguments = arguments(
                keys.execution(claim.key()),
                claim.token(),
                place,
                ExecutionJson.encode(settlement.execution().status(status)),
                due,
                cursor.isPresent() ? 1 : "",
                cursor.orElse(""));
        addTimer(arguments, timer);
        boolean taken = working(run(Use.WORK, Script.SETTLE, arguments)).number() == 1;
        if (!taken) {
            refused.increment();
        }
        return taken;
    }

    /**
     * Returns what the JSON of an execution says while it waits for its next attempt. Here the place counts; CDS's own service,
     * if it comes back, tries again what says so.
     */
    static ExecutionStatus whileItWaits(Execution execution) {
        return execution.errors() > 0 ? ExecutionStatus.DONE : ExecutionStatus.ENQUEUED;
    }

    @Override
    public void release(Collection<Claim> claims) {
        for (List<Claim> some : inSteps(List.copyOf(claims))) {
            List<Object> arguments = arguments();
            addClaims(arguments, some);
            working(run(Use.WORK, Script.RELEASE, arguments));
        }
    }

    @Override
    public int recover(int max) {
        return (int) working(run(Use.WORK, Script.RECOVER, arguments(max))).number();
    }

    @Override
    public boolean pause(TaskId id, Instant until) {
        boolean found = change(Use.DOOR, Script.PAUSE, arguments(id.value(), Micros.notBefore(until)))
                        .number()
                == 1;
        tellWork();
        return found;
    }

    @Override
    public Optional<Instant> pausedUntil(TaskId id) {
        return Optional.of(ask(Use.DOOR, Script.PAUSED, id.value()).number())
                .filter(until -> until > 0)
                .map(Micros::instant);
    }

    @Override
    public void setMaintenance(boolean enable) {
        change(Use.DOOR, Script.MAINTENANCE, arguments(enable ? 1 : 0));
        tellWork();
    }

    @Override
    public boolean isMaintenance() {
        return ask(Use.DOOR, Script.MAINTENANCE, "").number() == 1;
    }

    @Override
    public void onWork(Runnable listener) {
        onWork = listener;
    }

    // ------------------------------------------------------------------------------------------------ many nodes

    /** Everything is told to everybody; this bounds what a lost word costs. */
    @Override
    public Duration maxSleep() {
        return Duration.ofSeconds(1);
    }

    @Override
    public ExecutionKey firstToDo(
            String scope, String key, ExecutionKey execution, Duration window, Optional<ExecutionKey> insteadOf) {
        return keys.parse(ask(
                        Use.WORK,
                        Script.FIRST_TO_DO,
                        DeliveryHash.of(scope + "\n" + key).hex(),
                        keys.execution(execution),
                        Micros.of(window),
                        insteadOf.map(keys::execution).orElse(""))
                .text());
    }

    @Override
    public String agree(String agreed, String offered) {
        return change(Use.DOOR, Script.AGREE, arguments(agreed, offered)).text();
    }

    @Override
    public List<String> nodes(String node, Duration alive) {
        return ask(Use.WORK, Script.NODES, node, Micros.of(alive)).stream()
                .map(Answer::text)
                .toList();
    }

    @Override
    public Optional<ListenRight> listen(TaskId id, String node, Duration lease) {
        long epoch =
                ask(Use.WORK, Script.LISTEN, id.value(), node, Micros.of(lease)).number();
        return epoch == 0 ? Optional.empty() : Optional.of(new ListenRight(id, node, epoch));
    }

    @Override
    public List<ListenRight> renewListening(Collection<ListenRight> rights, Duration lease) {
        List<ListenRight> all = List.copyOf(rights);
        List<Object[]> calls = new ArrayList<>();
        for (List<ListenRight> some : inSteps(all)) {
            List<Object> arguments = arguments(Micros.of(lease));
            for (ListenRight right : some) {
                arguments.add(right.task().value());
                arguments.add(right(right));
            }
            calls.add(arguments.toArray());
        }
        List<ListenRight> lost = new ArrayList<>();
        List<Answer> answers = link.runAll(Use.WORK, Script.RENEW_LISTENING, calls);
        for (int i = 0; i < answers.size(); i++) {
            int from = i * STEP;
            answers.get(i).stream().forEach(number -> lost.add(all.get(from + (int) number.number())));
        }
        return List.copyOf(lost);
    }

    @Override
    public void endListening(ListenRight right) {
        run(Use.WORK, Script.END_LISTENING, arguments(right.task().value(), right(right)));
    }

    private static String right(ListenRight right) {
        return right.node() + " " + right.epoch();
    }

    @Override
    public void onTaskChange(TaskChangeListener listener) {
        onTaskChange = listener;
    }

    private void heard(String message) {
        if (message.equals("work")) {
            tellWork();
            return;
        }
        String[] words = message.split(" ");
        if (words.length == 3 && words[0].equals("task") && !words[1].equals(name) && TaskId.isValid(words[2])) {
            onTaskChange.changed(new TaskId(words[2]));
        }
    }

    private void connected() {
        onTaskChange.missed();
        tellWork();
    }

    // ------------------------------------------------------------------------------------------ what people ask for

    @Override
    public Optional<Execution> replay(ExecutionKey key, ReplayConfig config) {
        return rewrite(key, List.of("D", "F"), execution -> execution.replayed(config), "Q", ExecutionStatus.ENQUEUED);
    }

    @Override
    public Optional<Execution> abort(ExecutionKey key, String reason) {
        return rewrite(
                key, List.of("R", "Q", "L"), execution -> execution.ended(reason, now()), "F", ExecutionStatus.FAILED);
    }

    /** Puts an execution with other content into another place, once nothing has happened to it in between. */
    private Optional<Execution> rewrite(
            ExecutionKey key, List<String> from, UnaryOperator<Execution> edit, String to, ExecutionStatus status) {
        while (true) {
            Answer found = readRaw(key);
            if (found.isEmpty() || !from.contains(found.get(2).text())) {
                return Optional.empty();
            }
            Execution after = edit.apply(seen(found)).status(status);
            Answer done = change(
                    Use.DOOR,
                    Script.REWRITE,
                    arguments(
                            keys.execution(key),
                            found.get(2).text(),
                            found.get(1).bytes(),
                            ExecutionJson.encode(after),
                            to));
            if (done.number() == 1) {
                tellWork();
                return Optional.of(after);
            }
        }
    }

    @Override
    public int clean(TaskId id, int keepDone, int keepFailed) {
        int all = 0;
        int some;
        do {
            some = (int) run(
                            Use.WORK,
                            Script.CLEAN,
                            arguments(id.value(), Math.max(0, keepDone), Math.max(0, keepFailed), STEP))
                    .number();
            all += some;
        } while (some >= STEP);
        return all;
    }

    @Override
    public int removeExecutions(TaskId id) {
        return (int) change(Use.DOOR, Script.REMOVE_EXECUTIONS, arguments(id.value()))
                .number();
    }

    @Override
    public boolean eraseRemoved() {
        return run(Use.WORK, Script.ERASE_REMOVED, arguments(name)).number() == 1;
    }

    @Override
    public Optional<Execution> execution(ExecutionKey key) {
        Answer found = readRaw(key);
        return found.isEmpty() ? Optional.empty() : Optional.of(seen(found));
    }

    private Answer readRaw(ExecutionKey key) {
        return key.type().isEmpty()
                ? new Answer(null)
                : ask(Use.DOOR, Script.READ, key.type(), key.task().value(), key.timestamp());
    }

    @Override
    public Optional<Execution> execution(TaskId id, long timestamp) {
        Answer found = ask(Use.DOOR, Script.READ, "", id.value(), timestamp);
        return found.isEmpty() ? Optional.empty() : Optional.of(seen(found));
    }

    @Override
    public List<Execution> executions(TaskId id, long before, int limit) {
        List<Execution> page = new ArrayList<>();
        long last = before;
        while (page.size() < limit) {
            int wanted = Math.min(limit - page.size(), STEP);
            List<Execution> found = ask(Use.DOOR, Script.LIST, id.value(), last, wanted).stream()
                    .map(this::seen)
                    .toList();
            page.addAll(found);
            if (found.isEmpty()) {
                break;
            }
            last = found.getLast().key().timestamp();
        }
        return List.copyOf(page);
    }

    /** Makes an execution of key, JSON, place and crashes. */
    private Execution seen(Answer found) {
        ExecutionKey key = keys.parse(found.get(0).text());
        ExecutionStatus status = switch (found.get(2).text()) {
            case "L" -> ExecutionStatus.DOING;
            case "Q" -> ExecutionStatus.ENQUEUED;
            case "R", "T" -> ExecutionStatus.SCHEDULED;
            case "F" -> ExecutionStatus.FAILED;
            default -> ExecutionStatus.DONE;
        };
        long crashes = found.get(3).number();
        Execution execution;
        try {
            execution = ExecutionJson.decode(found.get(1).bytes()).at(key.timestamp());
        } catch (MalformedRecordException e) {
            execution = Execution.of(key, "", Map.of(), Payload.empty())
                    .failed("what came in can't be read any more: " + e.getMessage());
        }
        if (status == ExecutionStatus.FAILED && crashes >= MAX_CRASHES) {
            execution = execution.givenUp((int) crashes);
        }
        return execution.status(status);
    }

    @Override
    public TaskCounts counts(TaskId id) {
        return ask(Use.DOOR, Script.COUNTS, id.value()).counts();
    }

    @Override
    public StoreCounts counts() {
        Answer answer = ask(Use.DOOR, Script.COUNTS, "");
        return new StoreCounts(
                answer.get(0).number(),
                answer.get(1).number(),
                answer.get(2).number(),
                answer.get(3).number(),
                answer.get(4).number(),
                answer.get(5).number(),
                refused.sum());
    }

    @Override
    public RequestLog requests() {
        return new RedisRequestLog((script, more, durable) -> {
            List<Object> arguments = arguments(more.toArray());
            return durable ? change(Use.DOOR, script, arguments) : run(Use.DOOR, script, arguments);
        });
    }

    // --------------------------------------------------------------------------------------------------- the store

    @Override
    public String durability() {
        return link.durability();
    }

    @Override
    public Optional<String> problem() {
        return link.problem();
    }

    @Override
    public void close() {
        link.close();
        teller.shutdown();
    }

    // ------------------------------------------------------------------------------------------------------ inside

    private static <T> List<List<T>> inSteps(List<T> all) {
        List<List<T>> steps = new ArrayList<>();
        for (int from = 0; from < all.size(); from += STEP) {
            steps.add(all.subList(from, Math.min(all.size(), from + STEP)));
        }
        return steps;
    }

    private List<Object> arguments(Object... arguments) {
        List<Object> all = new ArrayList<>(arguments.length + 8);
        all.add(micros());
        all.addAll(List.of(arguments));
        return all;
    }

    private String micros() {
        return Micros.now(clock);
    }

    private void addTimer(List<Object> arguments, Optional<Due> timer) {
        if (timer.isEmpty()) {
            arguments.addAll(List.of("", "", "", ""));
            return;
        }
        Execution run = timer.get().execution();
        checkType(run.key().type());
        arguments.addAll(List.of(
                run.key().type(),
                run.key().timestamp(),
                ExecutionJson.encode(run.status(ExecutionStatus.SCHEDULED)),
                Micros.notBefore(timer.get().due())));
    }

    private void addClaims(List<Object> arguments, Collection<Claim> claims) {
        for (Claim claim : claims) {
            arguments.add(keys.execution(claim.key()));
            arguments.add(claim.token());
        }
    }

    private Answer ask(Use use, Script script, Object... arguments) {
        return run(use, script, arguments(arguments));
    }

    private Answer run(Use use, Script script, List<Object> arguments) {
        return link.run(use, script, arguments.toArray());
    }

    /** Runs what must not be lost once its answer has been told. */
    private Answer change(Use use, Script script, List<Object> arguments) {
        Answer answer = run(use, script, arguments);
        link.awaitReplicas(use);
        return answer;
    }

    private Answer working(Answer answer) {
        tellWork();
        return answer;
    }

    private void tellWork() {
        try {
            onWork.run();
        } catch (RuntimeException e) {
            LOG.error("whoever waits for work could not be told", e);
        }
    }

    private long now() {
        Instant now = clock.map(InstantSource::instant).orElseGet(Instant::now);
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    private static Optional<Instant> time(Answer micros) {
        return micros.isEmpty() || micros.text().isEmpty()
                ? Optional.empty()
                : Optional.of(Micros.instant(micros.number()));
    }

    /** A type is a part of keys, which are taken apart by their colons, and of lists. */
    static void checkType(String type) {
        Objects.requireNonNull(type);
        if (type.isEmpty()
                || type.getBytes(UTF_8).length > 1024
                || type.chars().anyMatch(c -> c < ' ' || c == ':' || c == '"')) {
            throw new IllegalArgumentException("the name of a hook type is 1 to 1024 bytes, without control characters,"
                    + " colons and quotes, which '" + type.replaceAll("\\p{Cntrl}", "?") + "' is not");
        }
    }
}
