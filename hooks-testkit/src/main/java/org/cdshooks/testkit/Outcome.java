package org.cdshooks.testkit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;

/** What is compared of two results: all that the runtime stores of them, save the words of a reason. */
record Outcome(String kind, List<HookEvent> events, Optional<String> cursor, Optional<Instant> nextDue) {

    static Outcome of(ExecutionResult result) {
        return switch (result) {
            case ExecutionResult.Completed completed ->
                new Outcome("completed", completed.events(), completed.cursor(), completed.nextDue());
            case ExecutionResult.Skipped skipped ->
                new Outcome("skipped", List.of(), Optional.empty(), Optional.empty());
            case ExecutionResult.Rejected rejected ->
                new Outcome("rejected", List.of(), Optional.empty(), Optional.empty());
        };
    }

    /** Renders all that a user may see of a result, for the search for secrets. */
    static String shown(ExecutionResult result) {
        return switch (result) {
            case ExecutionResult.Completed completed ->
                completed.events() + " " + completed.cursor().orElse("");
            case ExecutionResult.Skipped skipped -> skipped.reason();
            case ExecutionResult.Rejected rejected -> rejected.reason();
        };
    }
}
