package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** The transitions, each a file of its own among the resources of this package, in lower case. */
enum Script {
    PROBE,
    PUT_TASK,
    REMOVE_TASK,
    READ_TASK,
    REVISIONS,
    LIST_TASKS,
    CURSOR,
    ACCEPT,
    DUE_TIMERS,
    RING,
    PROMOTE,
    NEXT_DUE,
    HOLD_TIMER,
    COUNT_TIMERS,
    CLAIM,
    EXTEND,
    CHECKPOINT,
    SETTLE,
    RELEASE,
    RECOVER,
    REWRITE,
    CLEAN,
    REMOVE_EXECUTIONS,
    ERASE_REMOVED,
    READ,
    LIST,
    COUNTS,
    MAINTENANCE,
    PAUSE,
    PAUSED,
    REQUESTS_APPEND,
    REQUESTS_LIST,
    REQUESTS_REMOVE,
    SET_PHASE,
    AGREE,
    FIRST_TO_DO,
    NODES,
    LISTEN,
    RENEW_LISTENING,
    END_LISTENING,
    LAYOUT,
    ADOPT_BEGIN,
    ADOPT_SCAN,
    ADOPT_SCANNED,
    ADOPT_QUEUE,
    ADOPT_TASKS,
    ADOPT_EXECUTIONS,
    ADOPT_PLACE,
    ADOPT_ASIDE,
    ADOPT_TASK,
    ADOPT_END,
    MOVE_LOCK,
    MOVE_UNLOCK,
    MOVE_TASKS_OUT,
    MOVE_EXECUTIONS_OUT,
    MOVE_DELIVERIES_OUT,
    MOVE_BEGIN,
    MOVE_MOVED,
    MOVE_UNDONE,
    MOVE_TASK_IN,
    MOVE_EXECUTIONS_IN,
    MOVE_DELIVERIES_IN,
    MOVE_END;

    /**
     * A script as Redis gets it.
     *
     * @param text all of it
     * @param digest how Redis knows it once it has it
     */
    record Text(String text, String digest) {}

    /** Reads all scripts, for one set of keys. */
    static Map<Script, Text> load(RedisKeys keys) {
        return load(keys, Script::resource);
    }

    /**
     * Makes all scripts, for one set of keys.
     *
     * @param source finds the text of a file by its name, without its ending
     */
    static Map<Script, Text> load(RedisKeys keys, UnaryOperator<String> source) {
        String common = keys.lua() + source.apply("lib");
        String adoption = source.apply("adoption");
        Map<Script, Text> texts = new EnumMap<>(Script.class);
        for (Script script : values()) {
            // In a list, so that every answer has one form.
            String text = common
                    + (script.isOfWhole() ? adoption : "")
                    + "local function transition()\n"
                    + source.apply(script.name().toLowerCase(Locale.ROOT)) + "\nend\nreturn {transition()}\n";
            texts.put(script, new Text(text, digest(text)));
        }
        return texts;
    }

    /** Whether it is one of those that go over all that is there, while nobody else does. */
    private boolean isOfWhole() {
        return name().startsWith("ADOPT_") || name().startsWith("MOVE_");
    }

    static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(Script.class.getResourceAsStream(name + ".lua"), name)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("script " + name + " can't be read from the service's own jar", e);
        }
    }

    private static String digest(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
