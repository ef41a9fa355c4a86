package org.cdshooks.api;

import java.time.Duration;
import java.util.Optional;

/** What came of one attempt to deliver an event. Sealed: the sink makes it, the runtime reads it. */
public sealed interface DeliveryResult {

    /**
     * Says that the event arrived.
     *
     * @param answer what the target said, kept with the execution and shown to users, so it must tell nothing secret;
     *     empty if it said nothing
     * @return a result
     */
    static Delivered delivered(String answer) {
        return new Delivered(answer, 0);
    }

    /**
     * Says that this attempt failed and that a later one may succeed. It uses up a try.
     *
     * @param reason for the user who wonders
     * @return a result; the next attempt comes after the task's own back-off
     */
    static Retry retry(String reason) {
        return new Retry(reason, Optional.empty());
    }

    /**
     * Says that the event cannot be taken now and that nothing was tried, since too many calls to the target are under
     * way or it is known to be down. It uses up no try.
     *
     * @param reason for the user who wonders
     * @param after how long to wait at least
     * @return a result
     */
    static Deferred deferred(String reason, Duration after) {
        return new Deferred(reason, after);
    }

    /**
     * Says that no later attempt can succeed.
     *
     * @param reason for the user who has to mend it
     * @return a result
     */
    static Rejected rejected(String reason) {
        return new Rejected(reason, false);
    }

    /**
     * The event arrived.
     *
     * @param answer see {@link DeliveryResult#delivered}
     * @param run the number of what it started, such as a workflow run; 0 if there is no such number
     */
    record Delivered(String answer, long run) implements DeliveryResult {
        /**
         * Adds the number of what the event started.
         *
         * @param number such as the number of a workflow run
         * @return a copy with that number
         */
        public Delivered run(long number) {
            return new Delivered(answer, number);
        }
    }

    /**
     * The attempt failed; a later one may succeed.
     *
     * @param reason see {@link DeliveryResult#retry}
     * @param after how long the target asked to wait, if it did; taken instead of the task's own back-off
     */
    record Retry(String reason, Optional<Duration> after) implements DeliveryResult {
        /**
         * Adds how long the target asked to wait.
         *
         * @param time such as the value of {@code Retry-After}
         * @return a copy with that time
         */
        public Retry after(Duration time) {
            return new Retry(reason, Optional.of(time));
        }
    }

    /**
     * Nothing was tried; a later attempt will be.
     *
     * @param reason see {@link DeliveryResult#deferred}
     * @param after how long to wait at least
     */
    record Deferred(String reason, Duration after) implements DeliveryResult {}

    /**
     * No later attempt can succeed.
     *
     * @param reason see {@link DeliveryResult#rejected}
     * @param gone whether the target is gone for good, so that the task is to be stopped
     */
    record Rejected(String reason, boolean gone) implements DeliveryResult {
        /**
         * Says that the target is gone for good, such as by HTTP 410: the runtime stops the task.
         *
         * @return a copy that says so
         */
        public Rejected targetGone() {
            return new Rejected(reason, true);
        }
    }
}
