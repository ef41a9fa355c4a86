package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.task.Arrival;
import org.cdshooks.runtime.task.HeldRequest;
import org.cdshooks.runtime.task.TurnedAway;

/**
 * What is told and kept of the requests of tasks: the trace, which has every request with the reason for what became of it,
 * and the quarantine, which has those that were refused, so that they can be let in later.
 */
public interface Requests {

    /**
     * Notes a request that made no execution. Never waits: of very many in a short time some are only counted.
     *
     * @param task a task that there is
     * @param what what was decided
     * @param refused the request itself, if its receiver has refused it; kept unless it is too large or nothing is kept
     */
    void turnedAway(TaskId task, TurnedAway what, Optional<Refused> refused);

    /**
     * A request that its receiver has refused.
     *
     * @param call the request
     * @param bytes how large its body is
     */
    record Refused(HttpCall call, int bytes) {}

    /**
     * One request as it is shown.
     *
     * @param what what was decided
     * @param execution the execution that it made, or that of which it is a duplicate
     */
    record Trace(TurnedAway what, Optional<String> execution) {}

    /**
     * A part of the trace, newest first.
     *
     * @param traces the requests
     * @param next what comes before is asked for by this; empty if there is no more
     */
    record Page(List<Trace> traces, OptionalLong next) {}

    /**
     * Tells of requests.
     *
     * @param task the task
     * @param before only those from before this time, in nanoseconds since the epoch
     * @param limit how many at most
     * @return a page
     */
    Page trace(TaskId task, long before, int limit);

    /**
     * A request in quarantine as it is shown: credentials are masked.
     *
     * @param id its id
     * @param request the request
     */
    record Held(long id, HeldRequest request) {}

    /**
     * Lists the quarantine of a task, newest first.
     *
     * @param task the task
     * @return all that it has
     */
    List<Held> quarantine(TaskId task);

    /**
     * Finds a request in quarantine.
     *
     * @param task the task
     * @param id its id
     * @return the request
     */
    Optional<Held> quarantined(TaskId task, long id);

    /** What came of letting a request in. */
    sealed interface Admission {
        /** It is an execution, and left the quarantine. */
        record Admitted(Receipt receipt) implements Admission {}

        /** There is no such request, or somebody has let it in. */
        record NotFound() implements Admission {}

        /** It is still refused, and stays. */
        record Refused(String reason) implements Admission {}
    }

    /**
     * Lets a request in as if it came now, judged by the task as it is now and by the time at which it came.
     *
     * @param task the task
     * @param id its id
     * @param verified false if the hook is not to be asked: then anything becomes an execution
     * @param by who asks, for the trace
     * @return what came of it
     * @throws PluginFailure if the hook's code failed
     * @throws InterruptedException if told to stop
     * @throws org.cdshooks.api.OverloadedException if the task has too many unfinished executions
     */
    Admission admit(TaskId task, long id, boolean verified, String by) throws PluginFailure, InterruptedException;

    /**
     * Takes a request out of the quarantine for good.
     *
     * @param task the task
     * @param id its id
     * @return whether it was there
     */
    boolean drop(TaskId task, long id);

    /**
     * Empties the quarantine of a task.
     *
     * @param task the task
     * @return how many requests there were
     */
    int dropAll(TaskId task);

    /**
     * Makes a decision as it is noted.
     *
     * @param at when the request came in, in nanoseconds since the epoch
     * @param visit who sends it, and what was told
     * @param call method and path
     * @param answer status and what stopped it
     * @return the decision, cut to what is kept
     */
    static TurnedAway decision(long at, Visit visit, Line call, Answer answer) {
        return new TurnedAway(
                at,
                visit.sender(),
                Visit.line(call.method(), 20),
                Visit.line(call.path(), 300),
                answer.status(),
                visit.steps(),
                answer.stoppedBy(),
                Visit.line(answer.reason(), 300),
                0);
    }

    /** What a request asks. */
    record Line(String method, String path) {}

    /** What was answered, and which step has stopped the request; empty if nothing was wrong with it. */
    record Answer(int status, String stoppedBy, String reason) {}

    /** Step names that the service itself gives. */
    static Arrival.Step step(String name, String words) {
        return new Arrival.Step(name, words);
    }
}
