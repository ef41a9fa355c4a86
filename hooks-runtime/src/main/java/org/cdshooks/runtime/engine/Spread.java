package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;

/** By how much a run of a timer is delayed, so that many tasks of one second do not all start in it. */
final class Spread {
    private Spread() {}

    /** Returns the delay: the same on every node, and never as far as the next run. */
    static Duration delay(TaskId task, Trigger.Timer timer, Instant nominal) {
        if (timer.spread().isZero()) {
            return Duration.ZERO;
        }
        Duration room = timer.schedule()
                .next(nominal)
                .map(next -> Duration.between(nominal, next))
                .filter(gap -> gap.compareTo(timer.spread()) < 0)
                .orElse(timer.spread());
        long millis = room.toMillis();
        return millis <= 0 ? Duration.ZERO : Duration.ofMillis(Math.floorMod(hash(task, nominal), millis));
    }

    /** Java says how strings are hashed, so all nodes agree; the rest spreads neighbours (SplitMix64's finalizer). */
    private static long hash(TaskId task, Instant nominal) {
        long z = task.value().hashCode() * 0x9E3779B97F4A7C15L + nominal.getEpochSecond();
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
