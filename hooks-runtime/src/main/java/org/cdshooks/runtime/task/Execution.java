package org.cdshooks.runtime.task;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.Payload;

/**
 * One firing of a task, as it is stored.
 *
 * @param key its identity
 * @param trigger the name of the trigger that fired; {@code api} if a person or the API asked
 * @param status where it stands; a store that keeps this in its collections sets it when it reads
 * @param attempt how many attempts have begun; 0 before the first
 * @param errors how many attempts have failed since it was stored or replayed
 * @param lastError why the last one failed, or why it was skipped; empty if there is nothing to tell
 * @param processedAt when it was last worked on, in nanoseconds since the epoch; 0 before the first time
 * @param run the number of what it started, such as a workflow run; 0 if there is none
 * @param answer what the sink's target answered last, cut to 4 KiB; may be empty
 * @param config the task's config when it fired, secrets left out; what CDS shows. Executed is the newest config
 * @param payload what came in
 * @param events what it yielded, once it has been interpreted and not all is delivered; empty before that and when a
 *     single event is computed anew with each attempt
 * @param marks what has been done with it beside working on it
 */
public record Execution(
        ExecutionKey key,
        String trigger,
        ExecutionStatus status,
        int attempt,
        int errors,
        String lastError,
        long processedAt,
        long run,
        String answer,
        Map<String, ConfigValue> config,
        Payload payload,
        Optional<List<OutgoingEvent>> events,
        ExecutionMarks marks) {

    /**
     * Makes an execution that nobody has worked on.
     *
     * @param key its identity; a store that finds the timestamp taken moves it
     * @param trigger the name of the trigger that fired
     * @param config the task's config without secrets
     * @param payload what came in
     * @return an execution; the store decides whether it waits for its time or for a worker
     */
    public static Execution of(ExecutionKey key, String trigger, Map<String, ConfigValue> config, Payload payload) {
        return new Execution(
                key,
                trigger,
                ExecutionStatus.SCHEDULED,
                0,
                0,
                "",
                0,
                0,
                "",
                config,
                payload,
                Optional.empty(),
                ExecutionMarks.NONE);
    }

    /**
     * Returns when it was due: when it was accepted, or when its timer said. Not changed by retries.
     *
     * @return the time in its timestamp
     */
    public Instant dueAt() {
        return Instant.ofEpochSecond(key.timestamp() / 1_000_000_000L, key.timestamp() % 1_000_000_000L);
    }

    /**
     * Moves it to another timestamp.
     *
     * @param timestamp nanoseconds since the epoch
     * @return a copy with that key
     */
    public Execution at(long timestamp) {
        return new Execution(
                key.at(timestamp),
                trigger,
                status,
                attempt,
                errors,
                lastError,
                processedAt,
                run,
                answer,
                config,
                payload,
                events,
                marks);
    }

    /**
     * Sets the status.
     *
     * @param newStatus the status
     * @return a copy with it
     */
    public Execution status(ExecutionStatus newStatus) {
        return new Execution(
                key,
                trigger,
                newStatus,
                attempt,
                errors,
                lastError,
                processedAt,
                run,
                answer,
                config,
                payload,
                events,
                marks);
    }

    /**
     * Begins an attempt.
     *
     * @param at nanoseconds since the epoch
     * @return a copy with one attempt more
     */
    public Execution begun(long at) {
        return with(attempt + 1, errors, lastError, at, events);
    }

    /**
     * Records a failed attempt.
     *
     * @param error what went wrong, for the user
     * @return a copy with one error more
     */
    public Execution failed(String error) {
        return with(attempt, errors + 1, error, processedAt, events);
    }

    /**
     * Takes an attempt back that used up no try, and says why it waits.
     *
     * @param reason why, for the user
     * @return a copy with the same number of errors and one attempt less
     */
    public Execution deferred(String reason) {
        return with(Math.max(0, attempt - 1), errors, reason, processedAt, events);
    }

    /**
     * Records why it ended otherwise than by running: skipped, missed, stopped.
     *
     * @param reason for the user
     * @param at nanoseconds since the epoch
     * @return a copy with that reason
     */
    public Execution ended(String reason, long at) {
        return with(attempt, errors, reason, at, Optional.empty());
    }

    /**
     * Says that nobody works on it any more.
     *
     * @param crashes how often work on it ended in a crash or a lost lease
     * @return a copy with that as its last error
     */
    public Execution givenUp(int crashes) {
        return with(
                attempt,
                errors,
                "given up: the service crashed or lost the lease " + crashes
                        + " times while it worked on this execution",
                processedAt,
                events);
    }

    /**
     * Records what it started.
     *
     * @param newAnswer what the target answered
     * @param newRun the number of what it started; 0 keeps the one that is there
     * @return a copy without a last error
     */
    public Execution delivered(String newAnswer, long newRun) {
        return new Execution(
                key,
                trigger,
                status,
                attempt,
                errors,
                "",
                processedAt,
                newRun == 0 ? run : newRun,
                newAnswer,
                config,
                payload,
                events,
                marks);
    }

    /**
     * Sets the events that are still to be delivered, wholly or in part.
     *
     * @param newEvents all events of the execution
     * @return a copy with them
     */
    public Execution events(List<OutgoingEvent> newEvents) {
        return with(attempt, errors, lastError, processedAt, Optional.of(List.copyOf(newEvents)));
    }

    /**
     * Forgets the events: all are delivered, or they are to be computed anew.
     *
     * @return a copy without events
     */
    public Execution withoutEvents() {
        return with(attempt, errors, lastError, processedAt, Optional.empty());
    }

    /**
     * Makes it as new, for a replay under the newest config of its task.
     *
     * @return a copy that begins again
     */
    public Execution replayed() {
        return replayed(ReplayConfig.NOW);
    }

    /**
     * Makes it as new, for a replay: no errors, no events, the same payload and key.
     *
     * @param replayConfig under which config of its task it runs again
     * @return a copy that begins again, marked as replayed; its attempts go on counting
     */
    public Execution replayed(ReplayConfig replayConfig) {
        return with(attempt, 0, "", processedAt, Optional.empty()).marked(marks.replayed(attempt, replayConfig));
    }

    /**
     * Notes under which revision of its task it was accepted, or its timer rang.
     *
     * @param revision the revision
     * @return a copy with it
     */
    public Execution acceptedUnder(long revision) {
        return marked(marks.with(marks.revisions().accepted(revision)));
    }

    /**
     * Notes under which revision of its task it is worked on.
     *
     * @param revision the revision
     * @return a copy with it
     */
    public Execution executedUnder(long revision) {
        return marked(marks.with(marks.revisions().executed(revision)));
    }

    /**
     * Sets the marks.
     *
     * @param newMarks the marks
     * @return a copy with them
     */
    public Execution marked(ExecutionMarks newMarks) {
        return new Execution(
                key,
                trigger,
                status,
                attempt,
                errors,
                lastError,
                processedAt,
                run,
                answer,
                config,
                payload,
                events,
                newMarks);
    }

    /** Copies it with other results of the work on it; what came in and where it stands stay. */
    private Execution with(
            int newAttempt,
            int newErrors,
            String newError,
            long newProcessedAt,
            Optional<List<OutgoingEvent>> newEvents) {
        return new Execution(
                key,
                trigger,
                status,
                newAttempt,
                newErrors,
                newError,
                newProcessedAt,
                run,
                answer,
                config,
                payload,
                newEvents,
                marks);
    }

    /** Leaves payload and config out. */
    @Override
    public String toString() {
        return "Execution[" + key + ", " + status + ", attempt " + attempt + ", errors " + errors + "]";
    }
}
