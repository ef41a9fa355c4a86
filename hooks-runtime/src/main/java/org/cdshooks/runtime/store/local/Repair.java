package org.cdshooks.runtime.store.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies what can be read of a damaged file. Works on a thread that nobody interrupts, like everything with such a file. */
final class Repair {
    private static final Logger LOG = LoggerFactory.getLogger(Repair.class);
    private static final int BATCH_BYTES = 4 << 20;
    /** A jump over what can't be read doubles until it is beyond every number that can have been given. */
    private static final long LONGEST_JUMP = 1L << 40;

    private final DataFile from;
    private final DataFile to;
    private final Rows rows = new Rows();
    private final Map<Long, TaskEntry> tasks = new HashMap<>();

    private Batch batch = new Batch(0);
    private int executions;
    private int contents;
    private int lost;

    private Repair(DataFile from, DataFile to) {
        this.from = from;
        this.to = to;
    }

    static RepairReport run(Disk disk, Path path) {
        CompletableFuture<RepairReport> report = new CompletableFuture<>();
        Thread.ofPlatform().name("store-repair").start(() -> {
            try {
                // Told only once the directory is given back: whoever hears it opens the store next.
                report.complete(repairWhileHeld(disk, path));
            } catch (IOException e) {
                report.completeExceptionally(
                        new StoreUnavailableException("the repaired file can't be put in place: " + e, e));
            } catch (RuntimeException | Error e) {
                report.completeExceptionally(e);
            }
        });
        try {
            return report.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static RepairReport repairWhileHeld(Disk disk, Path path) throws IOException {
        try (DataDirectory directory = DataDirectory.take(disk, path)) {
            return repair(directory);
        }
    }

    private static RepairReport repair(DataDirectory directory) throws IOException {
        if (!directory.hasData()) {
            throw new StoreUnavailableException(
                    "there is nothing to repair: " + directory.dataFile() + " is missing or empty", false);
        }
        DataFile from = DataFile.openDamaged(directory);
        from.givenUp().ifPresent(words -> LOG.warn("{}: {}", directory.dataFile(), words));
        Repair repair;
        try {
            repair = new Repair(from, DataFile.create(directory));
            try {
                repair.copy();
                repair.to.close();
            } catch (RuntimeException | Error e) {
                repair.to.abandon();
                throw e;
            }
        } finally {
            from.abandon();
        }
        Path old = directory.putRepaired();
        return new RepairReport(repair.tasks.size(), repair.executions, repair.contents, repair.lost, old);
    }

    private void copy() {
        for (Kind kind : List.of(
                Kind.TASK,
                Kind.EXECUTION,
                Kind.CURSOR,
                Kind.PAUSE,
                Kind.FORMER,
                Kind.DELIVERY,
                Kind.REQUEST,
                Kind.IDEMPOTENCY_KEY,
                Kind.SWITCH)) {
            copy(kind);
        }
        write();
        to.sync();
    }

    private void copy(Kind kind) {
        MVMap<Long, byte[]> map = from.map(kind);
        long next = 0;
        long jump = 1;
        while (jump < LONGEST_JUMP) {
            try {
                Cursor<Long, byte[]> cursor = map.cursor(next);
                while (cursor.hasNext()) {
                    long number = cursor.next();
                    next = number + 1;
                    jump = 1;
                    save(kind, number, cursor.getValue());
                }
                return;
            } catch (RuntimeException e) {
                // A part that can't be read: go on behind it.
                next += jump;
                jump *= 2;
            }
        }
    }

    private void save(Kind kind, long number, byte[] sealed) {
        byte[] value;
        try {
            value = DataFile.unseal(kind, number, sealed);
            switch (kind) {
                case TASK -> {
                    TaskEntry task = Rows.task(value);
                    tasks.put(task.number, task);
                }
                case EXECUTION -> saveBody(rows.execution(number, value, tasks).body);
                case CURSOR -> Rows.cursor(value);
                case PAUSE -> Rows.number(value);
                case FORMER -> saveFormer(Rows.former(number, value));
                case DELIVERY -> rows.delivery(number, value, tasks);
                case IDEMPOTENCY_KEY -> rows.first(number, value);
                case REQUEST -> {
                    RequestRow row = Rows.request(number, value);
                    if (!tasks.containsKey(row.task())) {
                        throw new DamagedValueException("it belongs to no task", null);
                    }
                    long body = row.body();
                    byte[] content = from.read(Kind.BODY, body);
                    if (content != null) {
                        add(Kind.BODY, body, content);
                    }
                }
                case SWITCH -> {
                    if (number == Rows.LAST || number == Rows.MOVING) {
                        Rows.number(value);
                    } else {
                        Rows.isOn(value);
                    }
                }
                case BODY -> throw new IllegalArgumentException("bodies are saved with their executions");
            }
        } catch (RuntimeException e) {
            lost++;
            return;
        }
        add(kind, number, value);
    }

    private void saveBody(long number) {
        executions++;
        try {
            byte[] body = from.read(Kind.BODY, number);
            if (body != null) {
                add(Kind.BODY, number, body);
                return;
            }
        } catch (RuntimeException e) {
            // Counted below; the execution is kept, so that its user sees what has happened.
        }
        contents++;
    }

    /** One that can't be read is of no use. */
    private void saveFormer(Formers.Former former) {
        byte[] body = from.read(Kind.BODY, former.body());
        if (body == null || !tasks.containsKey(former.task())) {
            throw new DamagedValueException("what it was is gone", null);
        }
        add(Kind.BODY, former.body(), body);
    }

    private void add(Kind kind, long number, byte[] value) {
        batch.add(new Change(kind, number, value));
        if (batch.bytes() > BATCH_BYTES) {
            write();
        }
    }

    private void write() {
        to.commit(batch);
        batch = new Batch(0);
    }
}
