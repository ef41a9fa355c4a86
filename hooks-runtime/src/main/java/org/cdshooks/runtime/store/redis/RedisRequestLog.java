package org.cdshooks.runtime.store.redis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.RequestLog;

/**
 * The log of requests on Redis: a hash for each task and kind, of values by id. Ids are written with 19 digits, so that their
 * order is that of texts.
 */
final class RedisRequestLog implements RequestLog {
    /** How many entries one script adds. */
    private static final int STEP = 100;

    /** To how many logs: each is looked through. */
    private static final int STEP_TASKS = 3;

    /** Runs a script; the time is put before the arguments. */
    interface Runner {
        Answer run(Script script, List<Object> arguments, boolean durable);
    }

    private final Runner runner;

    RedisRequestLog(Runner runner) {
        this.runner = runner;
    }

    @Override
    public void append(Kind kind, List<Entry> entries) {
        Map<TaskId, List<Entry>> byTask =
                entries.stream().collect(Collectors.groupingBy(Entry::task, LinkedHashMap::new, Collectors.toList()));
        List<Entry> step = new ArrayList<>();
        int tasks = 0;
        for (List<Entry> ofTask : byTask.values()) {
            for (Entry entry : ofTask) {
                step.add(entry);
                if (step.size() == STEP) {
                    appendStep(kind, step);
                    tasks = 0;
                }
            }
            tasks++;
            if (tasks == STEP_TASKS) {
                appendStep(kind, step);
                tasks = 0;
            }
        }
        appendStep(kind, step);
    }

    private void appendStep(Kind kind, List<Entry> step) {
        if (step.isEmpty()) {
            return;
        }
        List<Object> arguments = new ArrayList<>();
        arguments.addAll(List.of(kind.word(), kind.count(), kind.bytes(), Micros.of(AGE)));
        for (Entry entry : step) {
            arguments.addAll(List.of(entry.task().value(), id(entry.id()), entry.value()));
        }
        var _ = runner.run(Script.REQUESTS_APPEND, arguments, false);
        step.clear();
    }

    @Override
    public List<Entry> list(Kind kind, TaskId task, long before, int limit) {
        return runner
                .run(Script.REQUESTS_LIST, List.of(kind.word(), task.value(), id(before), limit, Micros.of(AGE)), false)
                .stream()
                .map(each -> new Entry(task, each.get(0).number(), each.get(1).bytes()))
                .toList();
    }

    @Override
    public boolean remove(Kind kind, TaskId task, long id) {
        return runner.run(Script.REQUESTS_REMOVE, List.of(kind.word(), task.value(), id(id)), true)
                        .number()
                > 0;
    }

    @Override
    public int clear(Kind kind, TaskId task) {
        return (int) runner.run(Script.REQUESTS_REMOVE, List.of(kind.word(), task.value(), ""), true)
                .number();
    }

    private static String id(long id) {
        return String.format(Locale.ROOT, "%019d", Math.max(0, id));
    }
}
