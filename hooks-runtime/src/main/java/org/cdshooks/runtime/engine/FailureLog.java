package org.cdshooks.runtime.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.ExecutionKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator which executions have failed and where the code of a plugin has thrown. Each task has a budget of
 * lines, since a target that is down fails every execution of its task.
 */
final class FailureLog {
    /** How many failures of one kind a task logs in one {@link #WINDOW}. */
    static final int MOST = 5;

    static final Duration WINDOW = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);
    private static final int MAX_TASKS = 10_000;
    private static final String TARGET = SinkDescriptor.OPTION_PREFIX + "url";

    private final LongSupplier ticker;
    private final Cache<Subject, Budget> budgets =
            Caffeine.newBuilder().maximumSize(MAX_TASKS).build();

    private enum Kind {
        CALL,
        EXECUTION
    }

    private record Subject(TaskId task, Kind kind) {}

    /** The lines of one task in the present window. */
    private static final class Budget {
        private long since;
        private int written;
        private long left;

        Budget(long since) {
            this.since = since;
        }

        /** Returns how many failures went untold since the line before; empty if this one goes untold, too. */
        synchronized Optional<Long> take(long now) {
            if (now - since >= WINDOW.toNanos()) {
                since = now;
                written = 0;
            }
            if (written == MOST) {
                left++;
                return Optional.empty();
            }
            written++;
            long untold = left;
            left = 0;
            return Optional.of(untold);
        }
    }

    FailureLog(LongSupplier ticker) {
        this.ticker = ticker;
    }

    /** Logs where the code of a plugin has thrown. */
    void callFailed(TaskId task, String call, PluginFailure failure) {
        take(task, Kind.CALL)
                .ifPresent(untold -> LOG.warn(
                        "Task {}: {} failed: {}{}", task, call, failure.reason(), words(untold), failure.getCause()));
    }

    /** Logs that an execution is FAILED, and how it can be run again. */
    void executionFailed(ExecutionKey key, String target, String reason) {
        take(key.task(), Kind.EXECUTION)
                .ifPresent(untold -> LOG.warn(
                        "Execution {} of task {} is FAILED, target {}: {} (run it again with POST /task/{}/execution/{}/replay){}",
                        key.timestamp(),
                        key.task(),
                        target,
                        reason,
                        key.task().value().replace("/", "%2F"),
                        key.timestamp(),
                        words(untold)));
    }

    private Optional<Long> take(TaskId task, Kind kind) {
        long now = ticker.getAsLong();
        return budgets.get(new Subject(task, kind), _ -> new Budget(now)).take(now);
    }

    private static String words(long untold) {
        return untold == 0 ? "" : "; " + untold + " more failures of this task were not logged";
    }

    /** Names where the events of a task go: the sink, and the host where there is a URL. Its path may hold a secret. */
    static String target(TaskConfig config) {
        String sink = config.sink().name();
        ConfigValue url = config.masked().get(TARGET);
        return url == null
                ? sink
                : sink + host(url.value()).map(host -> " " + host).orElse("");
    }

    private static Optional<String> host(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() == null
                    ? Optional.empty()
                    : Optional.of(uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
