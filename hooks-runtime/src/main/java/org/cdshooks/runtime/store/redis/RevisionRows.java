package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.MalformedRecordException;
import org.cdshooks.runtime.task.TaskJson;
import org.cdshooks.runtime.task.TaskRevision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The form of a task's revisions in Redis: the first number for which one holds, the first one for which it does not, when it
 * was made in nanoseconds since the epoch or 0, and the JSON of the task; with spaces in between. What a task is now is only
 * told so, never stored.
 */
final class RevisionRows {
    private static final Logger LOG = LoggerFactory.getLogger(RevisionRows.class);

    private RevisionRows() {}

    /** Reads what a script has told. One that can't be read is left out. */
    static List<TaskRevision> read(TaskId id, Answer answer) {
        List<TaskRevision> revisions = new ArrayList<>();
        if (answer.isEmpty()) {
            return revisions;
        }
        long createdAt = answer.get(0).number();
        answer.get(1).stream().forEach(row -> {
            try {
                revisions.add(read(row.bytes(), createdAt));
            } catch (MalformedRecordException | NumberFormatException e) {
                LOG.error("a revision of task {} is left out, it can't be read: {}", id, e.getMessage());
            }
        });
        return revisions;
    }

    private static TaskRevision read(byte[] row, long createdAt) {
        long[] numbers = new long[3];
        int from = 0;
        for (int i = 0; i < numbers.length; i++) {
            int space = from;
            while (space < row.length && row[space] != ' ') {
                space++;
            }
            numbers[i] = Long.parseLong(new String(row, from, space - from, UTF_8));
            from = Math.min(row.length, space + 1);
        }
        return new TaskRevision(
                TaskJson.decode(Arrays.copyOfRange(row, from, row.length)).stored(numbers[0], createdAt),
                numbers[1],
                numbers[2]);
    }

    /** Writes one that has come from another store. */
    static byte[] write(TaskRevision revision) {
        ByteArrayOutputStream row = new ByteArrayOutputStream();
        row.writeBytes((revision.number() + " " + revision.until() + " " + revision.changedAt() + " ").getBytes(UTF_8));
        row.writeBytes(TaskJson.encode(revision.task()));
        return row.toByteArray();
    }
}
