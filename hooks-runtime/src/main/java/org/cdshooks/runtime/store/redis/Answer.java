package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.stream.Stream;
import org.cdshooks.runtime.store.TaskCounts;
import org.jspecify.annotations.Nullable;

/** What a script has answered: a text, a number, a list of answers or nothing. */
record Answer(@Nullable Object value) {
    /** Tells whether there is nothing: Redis has nothing, or an empty list. */
    boolean isEmpty() {
        return value == null || (value instanceof List<?> list && list.isEmpty());
    }

    @SuppressWarnings("EI_EXPOSE_REP") // handed on at once
    byte[] bytes() {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        throw new IllegalStateException("a script answered " + value + " where a text was expected");
    }

    String text() {
        return new String(bytes(), UTF_8);
    }

    long number() {
        return value instanceof Long number ? number : Long.parseLong(text());
    }

    Answer get(int i) {
        return value instanceof List<?> list && i < list.size() ? new Answer(list.get(i)) : new Answer(null);
    }

    /** Reads the five counts of a task. */
    TaskCounts counts() {
        return new TaskCounts(
                (int) get(0).number(), (int) get(1).number(), (int) get(2).number(), (int) get(3).number(), (int)
                        get(4).number());
    }

    Stream<Answer> stream() {
        return value instanceof List<?> list ? list.stream().map(Answer::new) : Stream.empty();
    }
}
