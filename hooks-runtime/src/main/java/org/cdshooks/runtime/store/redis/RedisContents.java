package org.cdshooks.runtime.store.redis;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.store.StoreContents;
import org.cdshooks.runtime.store.StoreInUseException;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.MalformedRecordException;
import org.cdshooks.runtime.task.TaskJson;
import org.cdshooks.runtime.task.TaskRevision;

/**
 * All that a Redis holds for this store. What was under a lease that has ended counts as crashed as a node would say, and is in
 * the queue where it was.
 */
final class RedisContents implements StoreContents {
    private static final int TASKS = 20; // each with its revisions
    private static final int EXECUTIONS = 500;
    private static final int BYTES = 4 << 20;

    /** How long a Redis may take to be there; and the claim of somebody who was killed, to end. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final long LOOK = Duration.ofMillis(50).toNanos();

    private final RedisKeys keys;
    private final String who;
    private final Supplier<String> now;
    private final String words;
    private final Link link;
    private String server = "";

    private RedisContents(RedisKeys keys, String who, Supplier<String> now, String words, Link link) {
        this.keys = keys;
        this.who = who;
        this.now = now;
        this.words = words;
        this.link = link;
    }

    /**
     * Opens a Redis that nobody uses.
     *
     * @param clock judges instead of Redis's own, for tests
     * @param waiting hears in words what is waited for
     */
    static RedisContents open(RedisOptions options, Optional<InstantSource> clock, Consumer<String> waiting) {
        RedisKeys keys = new RedisKeys(options.prefix());
        String who = Reservation.WHO
                + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
        Supplier<String> now = () -> Micros.now(clock);
        RedisAddress address = RedisAddress.of(options);
        Reservation reservation =
                new Reservation(new Adoption(keys, who, options.attempts(), now, true), who, now, address);
        Link link = new RedisLink(options, keys, Script.load(keys), reservation, word -> {}, () -> {});
        try {
            await(link, reservation, waiting);
            return new RedisContents(keys, who, now, "Redis at " + address.words(), link);
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
    }

    private static void await(Link link, Reservation reservation, Consumer<String> waiting) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (Optional<String> problem = link.problem(); problem.isPresent(); problem = link.problem()) {
            Optional<String> refusal = reservation.refusal();
            if (refusal.isPresent()) {
                throw new StoreInUseException(refusal.get());
            }
            if (reservation.isTakingOver()) {
                end = System.nanoTime() + PATIENCE.toNanos();
            } else if (System.nanoTime() > end || Thread.interrupted()) {
                throw new StoreUnavailableException(problem.get(), false);
            }
            waiting.accept(problem.get());
            LockSupport.parkNanos(LOOK);
        }
    }

    @Override
    public String words() {
        return words;
    }

    // ----------------------------------------------------------------------------------------------------- out

    @Override
    public Page<TaskContents> tasks(String from) {
        int before = number(from);
        List<Answer> found = run(Script.MOVE_TASKS_OUT, before, TASKS).stream().toList();
        List<TaskContents> tasks = new ArrayList<>();
        for (Answer each : found) {
            tasks.add(task(each));
        }
        return new Page<>(tasks, found.size() < TASKS ? LAST : Integer.toString(before + found.size()));
    }

    private static TaskContents task(Answer found) {
        String id = found.get(0).text();
        try {
            if (found.get(1).isEmpty()) {
                throw new StoreUnavailableException("the record of task " + id + " is gone: delete the task", false);
            }
            return new TaskContents(
                    TaskJson.decode(found.get(1).bytes())
                            .stored(found.get(2).number(), found.get(3).number()),
                    RevisionRows.read(new TaskId(id), found.get(7)),
                    found.get(4).text().isEmpty()
                            ? Optional.empty()
                            : Optional.of(found.get(5).text()),
                    Optional.of(found.get(6).number())
                            .filter(until -> until > 0)
                            .map(Micros::instant));
        } catch (MalformedRecordException e) {
            throw new StoreUnavailableException("the record of task " + id + " can't be read: delete the task", e);
        }
    }

    private static int number(String text) {
        return text.isEmpty() ? 0 : Integer.parseInt(text);
    }

    /** Goes through the types of the task one by one. */
    @Override
    public Page<ExecutionContents> executions(TaskId id, String from) {
        String[] at = from.isEmpty() ? new String[] {"0", "0"} : from.split(":");
        int type = Integer.parseInt(at[0]);
        int before = Integer.parseInt(at[1]);
        Answer page = run(Script.MOVE_EXECUTIONS_OUT, id, type, before, EXECUTIONS, BYTES);
        if (page.isEmpty()) {
            return new Page<>(List.of(), LAST);
        }
        List<ExecutionContents> executions = page.get(1).stream()
                .map(each -> contents(
                        new ExecutionKey(page.get(0).text(), id, each.get(0).number()), each))
                .toList();
        String next = executions.isEmpty() ? (type + 1) + ":0" : type + ":" + (before + executions.size());
        return new Page<>(executions, next);
    }

    private static ExecutionContents contents(ExecutionKey key, Answer found) {
        int crashes = (int) found.get(5).number();
        Place place = switch (found.get(2).text()) {
            case "T" -> Place.TIMER;
            case "R" -> Place.RETRY;
            case "Q" -> Place.QUEUE;
            case "L" -> crashes >= TaskStore.MAX_CRASHES ? Place.FAILED : Place.QUEUE;
            case "F" -> Place.FAILED;
            default -> Place.DONE;
        };
        byte[] json;
        if (found.get(1).isEmpty()) {
            Execution empty = Execution.of(key, "", Map.of(), Payload.empty());
            json = ExecutionJson.encode(place == Place.TIMER ? empty : empty.failed("what came in is gone"));
        } else {
            json = found.get(1).bytes();
        }
        return new ExecutionContents(
                key, place, found.get(3).number() * 1000, found.get(4).number(), crashes, json);
    }

    @Override
    public Page<DeliveryContents> deliveries(String from) {
        Answer page = run(Script.MOVE_DELIVERIES_OUT, from.isEmpty() ? "0" : from);
        if (!from.isEmpty() && !page.get(1).text().equals(server)) {
            throw new StoreUnavailableException("Redis has another master now: begin again", false);
        }
        server = page.get(1).text();
        List<DeliveryContents> deliveries = page.get(2).stream()
                .map(each -> new DeliveryContents(
                        keys.parse(each.get(2).text()),
                        DeliveryHash.parse(each.get(0).text()),
                        each.get(1).number() * 1000))
                .toList();
        String next = page.get(0).text();
        return new Page<>(deliveries, next.equals("0") ? LAST : next);
    }

    @Override
    public long taskCount() {
        return plain(Script.COUNTS, "").get(0).number();
    }

    @Override
    public TaskCounts counts(TaskId id) {
        return plain(Script.COUNTS, id).counts();
    }

    @Override
    public boolean isMaintenance() {
        return plain(Script.MAINTENANCE, "").number() == 1;
    }

    // ----------------------------------------------------------------------------------------------------- in

    @Override
    public int undo() {
        int count = 0;
        List<Answer> moved;
        do {
            moved = run(Script.MOVE_MOVED, TASKS).stream().toList();
            for (Answer each : moved) {
                plain(Script.REMOVE_TASK, each.text(), who);
                run(Script.MOVE_UNDONE, each.text());
                count++;
            }
        } while (!moved.isEmpty());
        return count;
    }

    @Override
    public void begin() {
        while (plain(Script.ERASE_REMOVED, "").number() == 1) {
            // so that nothing of a task that was removed has a key of one that is brought in
        }
        run(Script.MOVE_BEGIN);
    }

    @Override
    public boolean hasTask(TaskId id) {
        return !plain(Script.READ_TASK, id).isEmpty();
    }

    @Override
    public void addTask(TaskContents task) {
        Optional<TaskRevision> newest =
                task.revisions().stream().filter(TaskRevision::isNewest).findFirst();
        List<Object> arguments = new ArrayList<>(List.of(
                task.record().id(),
                TaskJson.encode(task.record()),
                task.record().createdAt(),
                task.record().revision(),
                task.record().createdAt(),
                task.cursor().isPresent() ? 1 : "",
                task.cursor().orElse(""),
                task.pausedUntil().map(Micros::notBefore).orElse(0L),
                newest.map(TaskRevision::number).orElse(task.record().revision()),
                newest.map(TaskRevision::changedAt).orElse(0L)));
        for (TaskRevision each : task.revisions()) {
            if (!each.isNewest()) {
                arguments.add(each.number());
                arguments.add(RevisionRows.write(each));
            }
        }
        run(Script.MOVE_TASK_IN, arguments.toArray());
    }

    @Override
    public void addExecutions(TaskId id, List<ExecutionContents> executions) {
        if (executions.isEmpty()) {
            return;
        }
        List<Object> arguments = new ArrayList<>();
        arguments.add(id);
        for (ExecutionContents each : executions) {
            arguments.add(each.key().type());
            arguments.add(each.key().timestamp());
            arguments.add(atRest(each));
            arguments.add(letter(each.place()));
            arguments.add(Micros.notBefore(Instant.ofEpochSecond(0, each.due())));
            arguments.add(each.order());
            arguments.add(each.crashes());
        }
        run(Script.MOVE_EXECUTIONS_IN, arguments.toArray());
    }

    /** JSON here says where its execution is, for those who know nothing else. */
    private static byte[] atRest(ExecutionContents contents) {
        try {
            Execution execution =
                    ExecutionJson.decode(contents.json()).at(contents.key().timestamp());
            return ExecutionJson.encode(execution.status(
                    switch (contents.place()) {
                        case TIMER -> ExecutionStatus.SCHEDULED;
                        case QUEUE -> ExecutionStatus.ENQUEUED;
                        case RETRY -> RedisTaskStore.whileItWaits(execution);
                        case DONE -> ExecutionStatus.DONE;
                        case FAILED -> ExecutionStatus.FAILED;
                    }));
        } catch (MalformedRecordException e) {
            return contents.json(); // whoever reads it later tells
        }
    }

    private static String letter(Place place) {
        return switch (place) {
            case TIMER -> "T";
            case RETRY -> "R";
            case QUEUE -> "Q";
            case DONE -> "D";
            case FAILED -> "F";
        };
    }

    @Override
    public void addDeliveries(List<DeliveryContents> deliveries) {
        if (deliveries.isEmpty()) {
            return;
        }
        List<Object> arguments = new ArrayList<>();
        for (DeliveryContents each : deliveries) {
            arguments.add(each.execution().task());
            arguments.add(each.hash().hex());
            arguments.add(Micros.notBefore(Instant.ofEpochSecond(0, each.expires())));
            arguments.add(keys.execution(each.execution()));
        }
        run(Script.MOVE_DELIVERIES_IN, arguments.toArray());
    }

    @Override
    public void end(boolean maintenance) {
        run(Script.MOVE_END, maintenance ? 1 : "");
        link.awaitReplicas(Link.Use.WORK);
    }

    @Override
    public void close() {
        try {
            plain(Script.MOVE_UNLOCK, who);
        } catch (StoreUnavailableException e) {
            // It ends by itself after a while.
        } finally {
            link.close();
        }
    }

    // ----------------------------------------------------------------------------------------------------- asking

    /** Runs a script that asks whether Redis is still taken. */
    private Answer run(Script script, Object... arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = who;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Answer answer = plain(script, all);
        if (answer.value() instanceof byte[] && answer.text().equals("lost")) {
            throw new StoreInUseException(words + " is used by somebody else meanwhile; begin again");
        }
        return answer;
    }

    private Answer plain(Script script, Object... arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = now.get();
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return link.run(Link.Use.WORK, script, all);
    }
}
