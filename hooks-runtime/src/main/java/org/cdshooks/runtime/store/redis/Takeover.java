package org.cdshooks.runtime.store.redis;

import java.io.Serial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.MalformedRecordException;
import org.cdshooks.runtime.task.TaskJson;
import org.cdshooks.runtime.task.TaskRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a Redis over that CDS's own service has filled: what this store notes beside CDS's layout is made anew, by what the
 * JSON in that layout says. May be killed at any point and begun again; goes on where it was, task by task. Memory holds a
 * page at a time.
 *
 * <p>Nothing is deleted. What can't be used is put aside and told in words, and all else goes on. What CDS's service reads
 * keeps its form.
 */
final class Takeover {
    private static final int TASKS = 100;
    private static final int EXECUTIONS = 200;

    /** So much JSON of executions is held at a time, or one that is larger. */
    private static final int BYTES = 4 << 20;

    private static final int QUEUED = 500;
    private static final int LOGGED_PROBLEMS = 100;
    private static final Duration SAY_EVERY = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

    private final RedisKeys keys;
    private final String node;
    private final int attempts;
    private final Supplier<String> now;
    private final Admission.Asker redis;
    private final Map<AdoptedPlace, Integer> places = new EnumMap<>(AdoptedPlace.class);
    private int tasks;
    private int logged;

    /** Thrown when another node does it by now. */
    static final class LostException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1;

        LostException() {
            super("Another node goes on with taking this Redis over from the CDS hooks service");
        }
    }

    Takeover(RedisKeys keys, String node, int attempts, Supplier<String> now, Admission.Asker redis) {
        this.keys = keys;
        this.node = node;
        this.attempts = attempts;
        this.now = now;
        this.redis = redis;
    }

    /**
     * Takes over what is there.
     *
     * @throws StoreUnavailableException if Redis goes away; whoever comes next goes on
     * @throws LostException if another node does it by now
     */
    void run() {
        while (redis.run(Script.ERASE_REMOVED, now.get(), "").number() == 1) {
            // so that no execution of a task that was removed is found and taken over
        }
        if (run(Script.ADOPT_BEGIN).number() == 0) {
            lookAtAllKeys();
            log(run(Script.ADOPT_SCANNED).get(1));
        }
        Answer queue;
        do {
            queue = run(Script.ADOPT_QUEUE, QUEUED);
            log(queue.get(1));
        } while (queue.get(0).number() > 0);
        takeOverTasks();
        long problems = run(Script.ADOPT_END).number();
        if (tasks > 0 || problems > 0) {
            LOG.info(
                    "Took this Redis over from the CDS hooks service: {} tasks, executions {}{}",
                    tasks,
                    places,
                    problems == 0
                            ? ""
                            : "; of " + problems + " entries and keys tells ZRANGE " + keys.problems() + " 0 -1");
        }
    }

    // ------------------------------------------------------------------------------------------------ keys and tasks

    private void lookAtAllKeys() {
        String server = "";
        String cursor = "0";
        do {
            Answer page = run(Script.ADOPT_SCAN, cursor);
            log(page.get(2));
            if (cursor.equals("0") || page.get(1).text().equals(server)) {
                cursor = page.get(0).text();
            } else {
                cursor = "0"; // that of one server means nothing to another
                LOG.info("Redis has another master now: its keys are looked at from the beginning");
                page = run(Script.ADOPT_SCAN, cursor);
                cursor = page.get(0).text();
            }
            server = page.get(1).text();
        } while (!cursor.equals("0"));
    }

    private void takeOverTasks() {
        long said = System.nanoTime();
        int from = 0;
        List<Answer> page;
        do {
            page = run(Script.ADOPT_TASKS, from, TASKS).stream().toList();
            for (Answer each : page) {
                boolean stays = each.get(2).text().equals("1") || takeOver(each);
                from += stays ? 1 : 0;
                if (System.nanoTime() - said > SAY_EVERY.toNanos()) {
                    said = System.nanoTime();
                    LOG.info("Taking this Redis over from the CDS hooks service: {} tasks so far", from);
                }
            }
        } while (page.size() == TASKS);
    }

    /** Takes a task over, with its executions; or puts it aside, and returns false. */
    private boolean takeOver(Answer found) {
        String id = found.get(0).text();
        Optional<String> flaw = flaw(id, found.get(1));
        if (flaw.isPresent()) {
            aside("", "", id, "task '" + id + "' " + flaw.get() + "; its entry is put aside");
            return false;
        }
        TaskRecord task = TaskJson.decode(found.get(1).bytes());
        List<String> types = found.get(3).text().lines().toList();
        AdoptedTimer timer = new AdoptedTimer(task.type());
        for (String type : types) {
            takeOver(task.id(), type, timer);
        }
        Optional<Execution> waiting = timer.waiting();
        place(task.id(), timer.rest().stream().map(this::placement).toList());
        waiting.ifPresent(_ -> places.merge(AdoptedPlace.TIMER, 1, Integer::sum));
        run(
                Script.ADOPT_TASK,
                id,
                types.stream().map(type -> type + "\n").collect(Collectors.joining()),
                waiting.map(run -> keys.execution(run.key())).orElse(""),
                waiting.<Object>map(run -> Micros.notBefore(run.dueAt())).orElse(""));
        tasks++;
        return true;
    }

    private static Optional<String> flaw(String id, Answer json) {
        if (!TaskId.isValid(id)) {
            return Optional.of("has an id that can't be");
        }
        if (json.isEmpty()) {
            return Optional.of("has no JSON");
        }
        try {
            TaskRecord task = TaskJson.decode(json.bytes());
            RedisTaskStore.checkType(task.type());
            return task.id().value().equals(id)
                    ? Optional.empty()
                    : Optional.of("has JSON of task '" + task.id() + "'");
        } catch (MalformedRecordException | IllegalArgumentException e) {
            return Optional.of(unreadable(e));
        }
    }

    // ------------------------------------------------------------------------------------------------ executions

    /**
     * Where an execution goes.
     *
     * @param json what its JSON is from now on; empty if it stays
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    private record Placement(String key, AdoptedPlace place, Optional<byte[]> json) {}

    private void takeOver(TaskId task, String type, AdoptedTimer timer) {
        int from = 0;
        List<Answer> page;
        do {
            Answer answer = run(Script.ADOPT_EXECUTIONS, task, type, from, EXECUTIONS, BYTES);
            page = answer.stream().skip(1).toList();
            List<Placement> placements = new ArrayList<>();
            for (Answer each : page) {
                String timestamp = each.get(0).text();
                if (each.get(3).text().equals("1")) {
                    from++;
                    continue;
                }
                Optional<String> flaw = flaw(task, type, timestamp, each.get(1));
                if (flaw.isPresent()) {
                    String key = keys.index(type, task.value()) + ":" + timestamp;
                    aside(type, task.value(), timestamp, key + " " + flaw.get() + "; its entry is put aside");
                    continue;
                }
                from++;
                byte[] json = each.get(1).bytes();
                Execution execution = ExecutionJson.decode(json).at(Long.parseLong(timestamp));
                AdoptedPlace place = AdoptedPlace.of(
                        execution,
                        ExecutionJson.hasStatus(json),
                        !each.get(2).text().isEmpty(),
                        attempts);
                if (place == AdoptedPlace.TIMER) {
                    timer.add(execution, answer.get(0).number());
                } else {
                    placements.add(placement(execution, place));
                }
            }
            timer.rest().stream().map(this::placement).forEach(placements::add);
            place(task, placements);
        } while (!page.isEmpty());
    }

    private static Optional<String> flaw(TaskId task, String type, String timestamp, Answer json) {
        if (!isTimestamp(timestamp)) {
            return Optional.of("has a timestamp that can't be");
        }
        if (json.isEmpty()) {
            return Optional.of("has no JSON");
        }
        try {
            Execution execution = ExecutionJson.decode(json.bytes());
            boolean isOwn = execution.key().task().equals(task)
                    && execution.key().type().equals(type);
            return isOwn ? Optional.empty() : Optional.of("has JSON of " + execution.key());
        } catch (MalformedRecordException e) {
            return Optional.of(unreadable(e));
        }
    }

    /** Further lines of a parser's message only say where in the text. */
    private static String unreadable(RuntimeException e) {
        return "can't be read: "
                + String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
    }

    private static boolean isTimestamp(String text) {
        try {
            long timestamp = Long.parseLong(text);
            return timestamp >= 0 && Long.toString(timestamp).equals(text);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private Placement placement(Execution execution, AdoptedPlace place) {
        boolean isUnexplained =
                place == AdoptedPlace.FAILED && execution.lastError().isEmpty();
        return new Placement(
                keys.execution(execution.key()),
                place,
                isUnexplained
                        ? Optional.of(ExecutionJson.encode(execution
                                .ended("the CDS hooks service ended during the last attempt", execution.processedAt())
                                .status(ExecutionStatus.FAILED)))
                        : Optional.empty());
    }

    private Placement placement(AdoptedTimer.Rest rest) {
        Execution run = rest.run();
        return new Placement(
                keys.execution(run.key()),
                rest.skipped().isPresent() ? AdoptedPlace.DONE : AdoptedPlace.QUEUE,
                rest.skipped()
                        .map(reason -> ExecutionJson.encode(
                                run.ended(reason, run.key().timestamp()).status(ExecutionStatus.DONE))));
    }

    private void place(TaskId task, List<Placement> placements) {
        if (placements.isEmpty()) {
            return;
        }
        List<Object> arguments = new ArrayList<>();
        arguments.add(task);
        for (Placement each : placements) {
            arguments.add(each.key());
            arguments.add(each.place().letter());
            arguments.add(each.json().<Object>map(json -> json).orElse(""));
            places.merge(each.place(), 1, Integer::sum);
        }
        run(Script.ADOPT_PLACE, arguments.toArray());
    }

    // ------------------------------------------------------------------------------------------------ asking, telling

    private void aside(String type, String task, String entry, String words) {
        log(run(Script.ADOPT_ASIDE, type, task, entry, words).get(1));
    }

    private Answer run(Script script, Object... arguments) {
        List<Object> all = new ArrayList<>(arguments.length + 2);
        all.add(now.get());
        all.add(node);
        all.addAll(List.of(arguments));
        Answer answer = redis.run(script, all.toArray());
        if (answer.value() instanceof byte[] && answer.text().equals("lost")) {
            throw new LostException();
        }
        return answer;
    }

    private void log(Answer problems) {
        problems.stream().forEach(problem -> {
            if (logged++ < LOGGED_PROBLEMS) {
                LOG.warn("Taking over from the CDS hooks service: {}", problem.text());
            }
        });
    }
}
