package org.cdshooks.runtime.engine;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * What an operator can set of the engine. Made from the configuration by {@code launch}.
 *
 * @param urlPublic where the world reaches the service, without a slash at the end
 * @param retryDelay base of the back-off between attempts
 * @param retryError how many attempts an execution has in all
 * @param executionHistory how many DONE executions of a task stay
 * @param failedHistory how many FAILED executions of a task stay
 * @param workers how many executions are worked on at the same time on this node
 * @param workersPerTask how many of them may be of one task
 * @param maxUnfinished how many unfinished executions a task may have before new ones are refused
 * @param lease how long a claim lasts; it is renewed every third of it
 * @param attemptTimeout how long one attempt may take
 * @param dedupWindow how long a delivery is remembered
 * @param defaults values of options that tasks do not give, for every hook type that declares such an option
 * @param quarantine whether requests that a hook refuses are kept, so that they can be let in later
 */
public record EngineConfig(
        URI urlPublic,
        Duration retryDelay,
        int retryError,
        int executionHistory,
        int failedHistory,
        int workers,
        int workersPerTask,
        int maxUnfinished,
        Duration lease,
        Duration attemptTimeout,
        Duration dedupWindow,
        Map<String, String> defaults,
        boolean quarantine) {

    /**
     * Returns the defaults of the service.
     *
     * @param urlPublic where the world reaches it
     * @return a config
     */
    public static EngineConfig defaults(URI urlPublic) {
        return new EngineConfig(
                urlPublic,
                Duration.ofSeconds(120),
                3,
                10,
                100,
                256,
                16,
                200_000,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofMinutes(5),
                Map.of(),
                true);
    }
}
