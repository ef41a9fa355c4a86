package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionJson;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;

/** What the store says to Redis, for a benchmark that says it without the store. In its package, to see its scripts. */
public final class RedisCalls {
    private static final RedisKeys KEYS = new RedisKeys("hooks");
    private static final Script.Text ACCEPT =
            Objects.requireNonNull(Script.load(KEYS).get(Script.ACCEPT));

    private RedisCalls() {}

    /** The text of the script that accepts an execution, to be loaded. */
    public static String acceptScript() {
        return ACCEPT.text();
    }

    /** The words of the call that accepts an execution. */
    public static List<String> accept(String task, String timestamp, String body, String call) {
        return List.of(
                "EVALSHA",
                ACCEPT.digest(),
                "1",
                KEYS.tasks(),
                "",
                task,
                "Webhook",
                timestamp,
                json(task, 1_700_000_000_000_000_000L, body),
                "call-" + call,
                "10000000",
                call,
                "100000000",
                "",
                "",
                "");
    }

    /** The words of the commands that put an execution there which is DONE. */
    public static List<List<String>> done(String task, long timestamp, String body) {
        String key = KEYS.execution(new ExecutionKey("Webhook", new TaskId(task), timestamp));
        String score = Long.toString(timestamp);
        return List.of(
                List.of("SET", key, json(task, timestamp, body)),
                List.of("ZADD", KEYS.index("Webhook", task), score, score),
                List.of("ZADD", KEYS.prefix() + ":tasks:done:" + task, score, key));
    }

    private static String json(String task, long timestamp, String body) {
        return new String(
                ExecutionJson.encode(Execution.of(
                                new ExecutionKey("Webhook", new TaskId(task), timestamp),
                                "http",
                                Map.of(),
                                Payload.of("application/json", body.getBytes(UTF_8)))
                        .status(ExecutionStatus.DONE)),
                UTF_8);
    }

    /** Writes a command as Redis reads it. */
    public static byte[] encode(List<String> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<byte[]> parts = new ArrayList<>();
        words.forEach(word -> parts.add(word.getBytes(UTF_8)));
        out.writeBytes(("*" + parts.size() + "\r\n").getBytes(UTF_8));
        for (byte[] part : parts) {
            out.writeBytes(("$" + part.length + "\r\n").getBytes(UTF_8));
            out.writeBytes(part);
            out.writeBytes("\r\n".getBytes(UTF_8));
        }
        return out.toByteArray();
    }
}
