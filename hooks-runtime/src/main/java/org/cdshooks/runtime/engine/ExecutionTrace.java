package org.cdshooks.runtime.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cdshooks.api.HttpCall;
import org.cdshooks.runtime.task.Arrival;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionMarks;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.TurnedAway;

/** Tells the way of a request that became an execution, of what is stored in the execution. */
final class ExecutionTrace {
    private static final Pattern SOME = Pattern.compile("(\\d+) of (\\d+) events skipped.*");

    private final Execution execution;
    private final List<Arrival.Step> steps = new ArrayList<>();
    private String stoppedBy = "";
    private String reason = "";

    private ExecutionTrace(Execution execution) {
        this.execution = execution;
    }

    /** Tells whether an execution began with a request. */
    static boolean isOfRequest(Execution execution) {
        return execution.marks().arrival().isPresent()
                || execution.payload().attributes().containsKey(HttpCall.METHOD);
    }

    static Requests.Trace of(Execution execution) {
        return new ExecutionTrace(execution).tell();
    }

    private Requests.Trace tell() {
        Optional<Arrival> arrival = execution.marks().arrival();
        arrival.ifPresent(how -> steps.addAll(how.steps()));
        int replays = execution.marks().replays();
        if (replays > 0) {
            add("replay", "replayed " + (replays == 1 ? "once" : replays + " times"));
        }
        switch (execution.status()) {
            case ENQUEUED, SCHEDULED -> waiting();
            case DOING -> add("execute", "attempt " + execution.attempt() + " is under way");
            case DONE -> done();
            case FAILED -> failed();
        }
        TurnedAway what = new TurnedAway(
                execution.key().timestamp(),
                arrival.map(Arrival::sender).orElse(""),
                execution.payload().attribute(HttpCall.METHOD).orElse(""),
                execution.payload().attribute(HttpCall.PATH).orElse(""),
                200,
                steps,
                stoppedBy,
                reason,
                0);
        return new Requests.Trace(what, Optional.of(execution.key().id().value()));
    }

    private void waiting() {
        if (execution.errors() > 0 || !execution.lastError().isEmpty()) {
            failed();
        }
        add(
                "queue",
                execution.status() == ExecutionStatus.ENQUEUED ? "waits for a worker" : "waits for its next attempt");
    }

    private void done() {
        String told = execution.lastError();
        if (execution.marks().stage() != ExecutionMarks.Stage.SINK && !told.isEmpty()) {
            stop("execute", told);
            return;
        }
        if (told.isEmpty()) {
            rules("passed");
            delivered();
            return;
        }
        Matcher some = SOME.matcher(told);
        if (some.matches() && !some.group(1).equals(some.group(2))) {
            add("filter", told);
            delivered();
        } else {
            stop("filter", told);
        }
    }

    private void failed() {
        if (execution.marks().stage() == ExecutionMarks.Stage.SINK) {
            rules("passed");
            stop("sink", sink() + ": " + execution.lastError());
        } else {
            stop("execute", execution.lastError());
        }
    }

    /** Which rules the task had when the request came in. */
    private void rules(String outcome) {
        long filters = options("filter");
        add("filter", filters == 0 ? "none" : outcome);
        add("mapping", options("map") == 0 ? "none" : "applied");
    }

    private long options(String prefix) {
        return execution.config().keySet().stream()
                .filter(name -> name.equals(prefix) || name.startsWith(prefix + "."))
                .count();
    }

    private void delivered() {
        add(
                "sink",
                sink() + ": delivered in attempt " + execution.attempt()
                        + (execution.run() == 0 ? "" : ", run " + execution.run())
                        + (execution.answer().isEmpty() ? "" : ", answered: " + execution.answer()));
    }

    private String sink() {
        return Optional.ofNullable(execution.config().get("sink"))
                .map(ConfigValue::value)
                .orElse("the default sink");
    }

    private void add(String step, String words) {
        steps.add(new Arrival.Step(step, Visit.line(words, 300)));
    }

    private void stop(String step, String words) {
        add(step, words);
        stoppedBy = step;
        reason = Visit.line(words, 300);
    }
}
