package org.cdshooks.runtime.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.HookEvent;
import org.cdshooks.runtime.filter.Verdict;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionStatus;

/** Sees to it that of several events that tell of the same thing in the world the first one is delivered. */
final class SameEvents {
    /** A header of the request by which an operator, who alone may send it, wants it executed whatever was before. */
    private static final String FORCE = "x-hooks-force";

    private SameEvents() {}

    /** Stops what another execution has. Those that are filtered out claim nothing. Safe to run again for the same execution. */
    static List<Verdict> judged(
            TaskStore store,
            Execution execution,
            ServiceOptions options,
            List<HookEvent> events,
            List<Verdict> verdicts) {
        if (execution.payload().attributes().getOrDefault(FORCE, List.of()).equals(List.of("true"))) {
            return verdicts;
        }
        List<Verdict> judged = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            Verdict verdict = verdicts.get(i);
            Optional<String> key = events.get(i).once();
            judged.add(
                    verdict instanceof Verdict.Passed && key.isPresent()
                            ? another(store, execution.key(), options, key.get())
                                    .<Verdict>map(first -> new Verdict.Stopped(
                                            ServiceOptions.DEDUPE_SCOPE.name(), "same event as execution " + first))
                                    .orElse(verdict)
                            : verdict);
        }
        return List.copyOf(judged);
    }

    /** Finds the execution that has the event. One that has failed for good did not deliver it, so it goes to the next. */
    private static Optional<ExecutionKey> another(
            TaskStore store, ExecutionKey mine, ServiceOptions options, String key) {
        String scope = options.dedupScope()
                .map(name -> "scope " + name)
                .orElse("task " + mine.task().value());
        ExecutionKey first = store.firstToDo(scope, key, mine, options.dedupWindow(), Optional.empty());
        if (!first.equals(mine)
                && store.execution(first)
                        .filter(execution -> execution.status() == ExecutionStatus.FAILED)
                        .isPresent()) {
            first = store.firstToDo(scope, key, mine, options.dedupWindow(), Optional.of(first));
        }
        return first.equals(mine) ? Optional.empty() : Optional.of(first);
    }
}
