package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.runtime.filter.EventRules;

/**
 * The options that the service itself reads from every task, whatever its type. A hook type that declares an option of the
 * same name gets the value instead, and the node's setting holds for its tasks.
 *
 * @param rate how many requests a second the endpoint takes; 0 for no limit
 * @param retry when failed attempts are tried again
 * @param executionHistory how many DONE executions stay
 * @param workers how many executions may be worked on at the same time on one node
 * @param timeout how long an attempt may take
 * @param dedupWindow how long a delivery is remembered
 * @param dedupScope the name of those tasks that deliver what has happened once; empty if the task is alone
 * @param answer what senders of requests get
 * @param rules which events go on, and in which form
 */
record ServiceOptions(
        int rate,
        RetryPolicy retry,
        int executionHistory,
        int workers,
        Duration timeout,
        Duration dedupWindow,
        Optional<String> dedupScope,
        AnswerOptions answer,
        EventRules rules) {
    static final ConfigOption<String> SINK =
            ConfigOption.string("sink", "The name of the sink that events of the task go to.");

    static final ConfigOption<Integer> RATE = ConfigOption.integer(
                    "rate", "How many requests a second the task's endpoint takes; 0 for no limit.")
            .where(rate -> rate >= 0, "must be 0 or more");

    static final ConfigOption<Duration> RETRY_DELAY = ConfigOption.duration(
                    "retryDelay", "How long to wait after the first failed attempt; doubled after each further one.")
            .where(delay -> !delay.isNegative() && !delay.isZero(), "must be more than 0s")
            .where(delay -> delay.compareTo(RetryPolicy.MAX_DELAY) <= 0, "must be at most 1h");

    static final ConfigOption<Integer> RETRY_ERROR = ConfigOption.integer(
                    "retryError", "How many attempts an execution has in all.")
            .where(attempts -> attempts >= 1 && attempts <= 100, "must be 1 to 100");

    static final ConfigOption<Integer> EXECUTION_HISTORY = ConfigOption.integer(
                    "executionHistory", "How many executions that have ended well are kept.")
            .where(count -> count >= 0 && count <= 10_000, "must be 0 to 10000");

    static final ConfigOption<Integer> WORKERS = ConfigOption.integer(
                    "workers", "How many executions of the task may be worked on at the same time.")
            .where(count -> count >= 1, "must be 1 or more");

    static final ConfigOption<Duration> TIMEOUT = ConfigOption.duration(
                    "timeout", "How long an attempt may take: interpreting, and then each delivery.")
            .where(timeout -> timeout.compareTo(Duration.ofSeconds(1)) >= 0, "must be at least 1s")
            .where(timeout -> timeout.compareTo(Duration.ofHours(1)) <= 0, "must be at most 1h");

    static final ConfigOption<Duration> DEDUPE_WINDOW = ConfigOption.duration(
                    "dedupe.window",
                    "How long a delivery is remembered: one that comes again in this time makes no second execution.")
            .where(window -> window.compareTo(Duration.ofMinutes(5)) >= 0, "must be at least 5m")
            .where(window -> window.compareTo(Duration.ofDays(7)) <= 0, "must be at most 7d");

    static final ConfigOption<String> DEDUPE_SCOPE = ConfigOption.string(
                    "dedupe.scope",
                    "A name that tasks share of whose events that tell of the same thing only the first is delivered.")
            .where(
                    name -> name.matches("[A-Za-z0-9._/-]{0,100}"),
                    "must be a name of up to 100 letters, digits and . _ - /");

    static final ConfigDef DEFINITION = ConfigDef.of(Stream.concat(
                    Stream.of(
                            SINK,
                            RATE,
                            RETRY_DELAY,
                            RETRY_ERROR,
                            EXECUTION_HISTORY,
                            WORKERS,
                            TIMEOUT,
                            DEDUPE_WINDOW,
                            DEDUPE_SCOPE),
                    Stream.concat(AnswerOptions.OPTIONS.stream(), EventRules.OPTIONS.stream()))
            .toArray(ConfigOption<?>[]::new));

    private static final Set<String> NAMES =
            DEFINITION.options().stream().map(ConfigOption::name).collect(Collectors.toUnmodifiableSet());

    /** Returns the names of all these options. */
    static Set<String> names() {
        return NAMES;
    }

    /** Reads a checked config; what a task does not say, the node does. */
    static ServiceOptions of(HookConfig config, EngineConfig node, AnswerOptions answer, EventRules rules) {
        return new ServiceOptions(
                config.find(RATE).orElse(0),
                new RetryPolicy(
                        config.find(RETRY_DELAY).orElse(node.retryDelay()),
                        config.find(RETRY_ERROR).orElse(node.retryError())),
                config.find(EXECUTION_HISTORY).orElse(node.executionHistory()),
                Math.min(config.find(WORKERS).orElse(node.workersPerTask()), node.workersPerTask()),
                config.find(TIMEOUT).orElse(node.attemptTimeout()),
                config.find(DEDUPE_WINDOW).orElse(node.dedupWindow()),
                config.find(DEDUPE_SCOPE).filter(name -> !name.isEmpty()),
                answer,
                rules);
    }

    /** Returns what holds for a task whose config can't be read. */
    static ServiceOptions of(EngineConfig node) {
        return new ServiceOptions(
                0,
                new RetryPolicy(node.retryDelay(), node.retryError()),
                node.executionHistory(),
                node.workersPerTask(),
                node.attemptTimeout(),
                node.dedupWindow(),
                Optional.empty(),
                AnswerOptions.NONE,
                EventRules.NONE);
    }
}
