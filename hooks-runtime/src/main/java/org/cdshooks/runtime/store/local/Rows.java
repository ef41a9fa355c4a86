package org.cdshooks.runtime.store.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.ClaimPhase;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.local.Entry.Place;
import org.cdshooks.runtime.store.local.Formers.Former;
import org.cdshooks.runtime.task.ExecutionKey;
import org.jspecify.annotations.Nullable;

/** The binary form of what is read when the store opens: small, so that very many are read in no time. */
final class Rows {
    /** The switch that stops claims. */
    static final long MAINTENANCE = 1;

    /** Under this number stands the last one given when a task was removed: no row may be left that tells of it. */
    static final long LAST = 2;

    /** Under this number stands which tasks are older than what is being brought in from another store. */
    static final long MOVING = 3;

    private static final byte VERSION = 1;

    /** Of a task that knows since when it is what it is. */
    private static final byte TASK_VERSION = 2;

    /** What stands in front of the id of a task. */
    private static final int TASK_HEAD = 1 + 5 * Long.BYTES;

    /** Of types and triggers there are few, of executions many. */
    private final Map<String, String> names = new HashMap<>();

    static byte[] task(TaskEntry task, byte[] json) {
        byte[] id = task.id.value().getBytes(UTF_8);
        return ByteBuffer.allocate(TASK_HEAD + Short.BYTES + id.length + json.length)
                .put(TASK_VERSION)
                .putLong(task.number)
                .putLong(task.createdAt)
                .putLong(task.revision)
                .putLong(task.since)
                .putLong(task.changedAt)
                .putShort((short) id.length)
                .put(id)
                .put(json)
                .array();
    }

    static TaskEntry task(byte[] row) {
        boolean knowsSince = row.length > 0 && row[0] == TASK_VERSION;
        ByteBuffer in = open(row, knowsSince ? TASK_VERSION : VERSION);
        long number = in.getLong();
        long createdAt = in.getLong();
        long revision = in.getLong();
        long since = knowsSince ? in.getLong() : revision;
        long changedAt = knowsSince ? in.getLong() : 0;
        TaskEntry task = new TaskEntry(number, new TaskId(text(in)), createdAt);
        task.revision = revision;
        task.since = since;
        task.changedAt = changedAt;
        return task;
    }

    /** Returns the JSON that stands behind the row of a task. */
    static byte[] taskJson(byte[] row) {
        boolean knowsSince = row.length > 0 && row[0] == TASK_VERSION;
        ByteBuffer in = open(row, knowsSince ? TASK_VERSION : VERSION);
        in.position(knowsSince ? TASK_HEAD : 1 + 3 * Long.BYTES);
        text(in);
        byte[] json = new byte[in.remaining()];
        in.get(json);
        return json;
    }

    static byte[] former(Former former) {
        return ByteBuffer.allocate(1 + 5 * Long.BYTES)
                .put(VERSION)
                .putLong(former.task())
                .putLong(former.since())
                .putLong(former.until())
                .putLong(former.changedAt())
                .putLong(former.body())
                .array();
    }

    static Former former(long id, byte[] row) {
        ByteBuffer in = open(row);
        return new Former(id, in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    static byte[] execution(Entry entry) {
        byte[] type = entry.type.getBytes(UTF_8);
        byte[] trigger = entry.trigger.getBytes(UTF_8);
        return ByteBuffer.allocate(2 + 5 * Long.BYTES + Integer.BYTES + 2 * Short.BYTES + type.length + trigger.length)
                .put(VERSION)
                .put(entry.place == Place.LEASE ? letter(entry.phase) : entry.place.letter())
                .putLong(entry.task.number)
                .putLong(entry.timestamp)
                .putLong(entry.until)
                .putLong(entry.order)
                .putLong(entry.body)
                .putInt(entry.crashes)
                .putShort((short) type.length)
                .put(type)
                .putShort((short) trigger.length)
                .put(trigger)
                .array();
    }

    Entry execution(long id, byte[] row, Map<Long, TaskEntry> tasks) {
        ByteBuffer in = open(row);
        byte letter = in.get();
        @Nullable ClaimPhase phase = phase(letter);
        @Nullable Place place = phase == null ? Place.of(letter) : Place.LEASE;
        @Nullable TaskEntry task = tasks.get(in.getLong());
        if (task == null || place == null) {
            throw new DamagedValueException("it belongs to no task or stands in no place", null);
        }
        long timestamp = in.getLong();
        long until = in.getLong();
        long order = in.getLong();
        long body = in.getLong();
        int crashes = in.getInt();
        String type = names.computeIfAbsent(text(in), name -> name);
        String trigger = names.computeIfAbsent(text(in), name -> name);
        Entry entry = new Entry(task, id, type, trigger, timestamp, place);
        entry.until = until;
        entry.order = order;
        entry.body = body;
        entry.crashes = crashes;
        if (phase != null) {
            entry.phase = phase;
        }
        return entry;
    }

    private static byte letter(ClaimPhase phase) {
        return switch (phase) {
            case HELD -> 'h';
            case RUNNING -> Place.LEASE.letter();
            case ISOLATED -> 'i';
        };
    }

    /** Returns how far the work was under a lease; null if there was none. */
    private static @Nullable ClaimPhase phase(byte letter) {
        for (ClaimPhase phase : ClaimPhase.values()) {
            if (letter(phase) == letter) {
                return phase;
            }
        }
        return null;
    }

    static byte[] delivery(Delivery delivery) {
        byte[] type = delivery.type().getBytes(UTF_8);
        return ByteBuffer.allocate(1 + 5 * Long.BYTES + Short.BYTES + type.length)
                .put(VERSION)
                .putLong(delivery.task().number)
                .putLong(delivery.hash().high())
                .putLong(delivery.hash().low())
                .putLong(delivery.timestamp())
                .putLong(delivery.expires())
                .putShort((short) type.length)
                .put(type)
                .array();
    }

    Delivery delivery(long id, byte[] row, Map<Long, TaskEntry> tasks) {
        ByteBuffer in = open(row);
        @Nullable TaskEntry task = tasks.get(in.getLong());
        if (task == null) {
            throw new DamagedValueException("it belongs to no task", null);
        }
        DeliveryHash hash = new DeliveryHash(in.getLong(), in.getLong());
        long timestamp = in.getLong();
        long expires = in.getLong();
        String type = names.computeIfAbsent(text(in), name -> name);
        return new Delivery(id, task, hash, type, timestamp, expires);
    }

    static byte[] first(Firsts.First first) {
        byte[] type = first.owner().type().getBytes(UTF_8);
        byte[] task = first.owner().task().value().getBytes(UTF_8);
        return ByteBuffer.allocate(1 + 4 * Long.BYTES + 2 * Short.BYTES + type.length + task.length)
                .put(VERSION)
                .putLong(first.key().high())
                .putLong(first.key().low())
                .putLong(first.expires())
                .putLong(first.owner().timestamp())
                .putShort((short) type.length)
                .put(type)
                .putShort((short) task.length)
                .put(task)
                .array();
    }

    Firsts.First first(long id, byte[] row) {
        ByteBuffer in = open(row);
        DeliveryHash key = new DeliveryHash(in.getLong(), in.getLong());
        long expires = in.getLong();
        long timestamp = in.getLong();
        String type = names.computeIfAbsent(text(in), name -> name);
        return new Firsts.First(id, key, new ExecutionKey(type, new TaskId(text(in)), timestamp), expires);
    }

    static byte[] request(RequestRow row) {
        return ByteBuffer.allocate(2 + 3 * Long.BYTES + Integer.BYTES)
                .put(VERSION)
                .put((byte) row.kind().letter())
                .putLong(row.task())
                .putLong(row.id())
                .putInt(row.bytes())
                .putLong(row.body())
                .array();
    }

    static RequestRow request(long number, byte[] row) {
        ByteBuffer in = open(row);
        byte letter = in.get();
        RequestLog.Kind kind = Stream.of(RequestLog.Kind.values())
                .filter(each -> each.letter() == letter)
                .findFirst()
                .orElseThrow(() -> new DamagedValueException("it is of no kind that this version knows", null));
        return new RequestRow(number, kind, in.getLong(), in.getLong(), in.getInt(), in.getLong());
    }

    static byte[] cursor(String cursor) {
        byte[] row = new byte[1 + Character.BYTES * cursor.length()];
        ByteBuffer out = ByteBuffer.wrap(row).put(VERSION);
        // As characters, not UTF-8: a cursor is the hook type's own text, and half a surrogate pair must come back too.
        out.asCharBuffer().put(cursor);
        return row;
    }

    static String cursor(byte[] row) {
        return open(row).asCharBuffer().toString();
    }

    /** A switch that is on; one that is off is not there. */
    static byte[] on() {
        return new byte[] {VERSION};
    }

    /** Checks a switch that is there. */
    static boolean isOn(byte[] row) {
        return !open(row).hasRemaining();
    }

    static byte[] number(long number) {
        return ByteBuffer.allocate(1 + Long.BYTES).put(VERSION).putLong(number).array();
    }

    static long number(byte[] row) {
        return open(row).getLong();
    }

    private static ByteBuffer open(byte[] row) {
        return open(row, VERSION);
    }

    private static ByteBuffer open(byte[] row, byte version) {
        ByteBuffer in = ByteBuffer.wrap(row);
        if (!in.hasRemaining() || in.get() != version) {
            throw new DamagedValueException("it has a form that this version doesn't know", null);
        }
        return in;
    }

    private static String text(ByteBuffer in) {
        int length = in.getShort() & 0xffff;
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] text = new byte[length];
        in.get(text);
        return new String(text, UTF_8);
    }
}
