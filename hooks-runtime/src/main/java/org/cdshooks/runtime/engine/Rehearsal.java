package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HttpCall;
import org.cdshooks.runtime.filter.Verdict;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;

/**
 * What a task would do, as far as that can be told without doing it: nothing of it was stored or delivered.
 *
 * @param answer what a request would be answered; empty if none was tried
 * @param runs the executions that would be made
 * @param sink the name of the sink that events would go to
 * @param sinkConfig the options of the sink as written, secrets blanked
 * @param notes what else there is to know
 */
public record Rehearsal(
        Optional<Answer> answer, List<Run> runs, String sink, Map<String, ConfigValue> sinkConfig, List<String> notes) {

    /** What is tried. */
    public sealed interface Input {
        /**
         * A request to the task's endpoint.
         *
         * @param call the request
         */
        record Request(HttpCall call) implements Input {}

        /**
         * What came in before.
         *
         * @param execution an execution of the task
         */
        record Stored(Execution execution) implements Input {}
    }

    /**
     * What a request would be answered.
     *
     * @param status the status
     * @param accepted whether an execution would be stored for it
     * @param message why not, or what else the hook answers; may be empty
     * @param body the body that the task's owner wants for it; empty for the usual one
     */
    public record Answer(int status, boolean accepted, String message, Optional<SenderAnswer.Body> body) {}

    /** How an execution would end, deliveries aside. */
    public enum Result {
        /** Its hook makes events of it. */
        COMPLETED,
        /** Its hook has nothing to do. */
        SKIPPED,
        /** It can never succeed. */
        REJECTED,
        /** The attempt fails; it would be tried again. */
        FAILED
    }

    /**
     * One execution.
     *
     * @param trigger the name of what would fire it
     * @param delivery the name of the delivery, by which one that comes twice is known; empty if it has none
     * @param result how it would end
     * @param reason why, if there is something to tell
     * @param events its events
     */
    public record Run(String trigger, Optional<String> delivery, Result result, String reason, List<Event> events) {}

    /**
     * One event.
     *
     * @param made as its hook made it
     * @param verdict what filters and mapping make of it
     */
    public record Event(HookEvent made, Verdict verdict) {}
}
