package org.cdshooks.runtime.store.local;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.cdshooks.runtime.store.RequestLog;
import org.jspecify.annotations.Nullable;

/**
 * Which entries the log of requests has, and what goes when there are too many. A part of {@link Transitions}: guarded by the
 * store's lock, and what is to be written goes into the same list.
 */
final class RequestRows {
    /** How many that are too old are dropped with each append: more than are added on the average. */
    private static final int DROPPED = 8;

    private final Index index;
    private final List<Change> changes;
    private final LongSupplier numbers;
    private final LongSupplier now;
    private final Map<Long, Map<RequestLog.Kind, NavigableMap<Long, RequestRow>>> byTask = new HashMap<>();
    private final TreeSet<RequestRow> byAge = new TreeSet<>(RequestRow.BY_AGE);

    RequestRows(Index index, List<Change> changes, LongSupplier numbers, LongSupplier now) {
        this.index = index;
        this.changes = changes;
        this.numbers = numbers;
        this.now = now;
    }

    /** Takes a row over that was stored before. */
    void add(RequestRow row) {
        of(row.task(), row.kind()).put(row.id(), row);
        byAge.add(row);
    }

    int append(RequestLog.Kind kind, List<RequestLog.Entry> entries) {
        dropOld();
        int added = 0;
        for (RequestLog.Entry entry : entries) {
            TaskEntry task = index.task(entry.task());
            if (task != null) {
                append(kind, task.number, entry);
                added++;
            }
        }
        return added;
    }

    private void append(RequestLog.Kind kind, long task, RequestLog.Entry entry) {
        NavigableMap<Long, RequestRow> rows = of(task, kind);
        long id = entry.id();
        while (rows.containsKey(id)) {
            id++;
        }
        RequestRow row = new RequestRow(numbers.getAsLong(), kind, task, id, entry.value().length, numbers.getAsLong());
        changes.add(new Change(Kind.BODY, row.body(), entry.value()));
        changes.add(new Change(Kind.REQUEST, row.number(), Rows.request(row)));
        add(row);
        long bytes = 0;
        int count = 0;
        for (RequestRow each : List.copyOf(rows.descendingMap().values())) {
            bytes += each.bytes();
            count++;
            if (count > kind.count() || bytes > kind.bytes()) {
                drop(each);
            }
        }
    }

    List<RequestRow> list(RequestLog.Kind kind, TaskEntry task, long before, int limit) {
        long oldest = oldest();
        return rows(task.number, kind).headMap(before, false).descendingMap().values().stream()
                .filter(row -> row.id() >= oldest)
                .limit(limit)
                .toList();
    }

    boolean remove(RequestLog.Kind kind, TaskEntry task, long id) {
        @Nullable RequestRow row = rows(task.number, kind).get(id);
        if (row == null) {
            return false;
        }
        drop(row);
        return true;
    }

    int clear(RequestLog.Kind kind, TaskEntry task) {
        List<RequestRow> all = List.copyOf(rows(task.number, kind).values());
        all.forEach(this::drop);
        return all.size();
    }

    /** A task goes, and all of it. */
    void removeTask(TaskEntry task) {
        for (RequestLog.Kind kind : RequestLog.Kind.values()) {
            var _ = clear(kind, task);
        }
    }

    private void dropOld() {
        long oldest = oldest();
        for (int i = 0; i < DROPPED && !byAge.isEmpty() && byAge.first().id() < oldest; i++) {
            drop(byAge.first());
        }
    }

    private long oldest() {
        return now.getAsLong() - RequestLog.AGE.toNanos();
    }

    private void drop(RequestRow row) {
        changes.add(new Change(Kind.REQUEST, row.number(), null));
        changes.add(new Change(Kind.BODY, row.body(), null));
        byAge.remove(row);
        Map<RequestLog.Kind, NavigableMap<Long, RequestRow>> ofTask = byTask.get(row.task());
        if (ofTask == null) {
            return;
        }
        rows(row.task(), row.kind()).remove(row.id());
        if (ofTask.values().stream().allMatch(Map::isEmpty)) {
            byTask.remove(row.task());
        }
    }

    private NavigableMap<Long, RequestRow> of(long task, RequestLog.Kind kind) {
        return byTask.computeIfAbsent(task, number -> new EnumMap<>(RequestLog.Kind.class))
                .computeIfAbsent(kind, first -> new TreeMap<>());
    }

    /** Those that are there; nothing is to be added to them. */
    private NavigableMap<Long, RequestRow> rows(long task, RequestLog.Kind kind) {
        NavigableMap<Long, RequestRow> rows =
                byTask.getOrDefault(task, Map.of()).get(kind);
        return rows == null ? new TreeMap<>() : rows;
    }
}
