package org.cdshooks.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.Trigger;

/** When the timers of one hook are due. Used by the test's thread only. */
final class FakeTimers {
    /** The bounds of {@link org.cdshooks.api.MissedRuns#ALL}. */
    static final int MOST_CAUGHT_UP = 100;

    static final Duration CATCH_UP_WINDOW = Duration.ofHours(24);

    /** A turn of the clock that rings more often than this is a mistake in the test or in the schedule. */
    private static final int MOST_RINGS = 100_000;

    record Due(Trigger.Timer timer, Instant at) {}

    /** Runs that were missed: what is made up for, oldest first, and what is not. */
    record Missed(List<Due> caughtUp, List<Due> dropped) {}

    private final Map<String, Trigger.Timer> timers = new LinkedHashMap<>();
    private final Map<String, Instant> due = new LinkedHashMap<>();
    private int rings;

    FakeTimers(List<Trigger> triggers, Instant now) {
        for (Trigger trigger : triggers) {
            if (trigger instanceof Trigger.Timer timer) {
                timers.put(timer.name(), timer);
                plan(timer, now);
            }
        }
    }

    Optional<Instant> due(String timer) {
        return Optional.ofNullable(due.get(timer));
    }

    Optional<Instant> earliest() {
        return due.values().stream().min(Comparator.naturalOrder());
    }

    void beginTurn() {
        rings = 0;
    }

    /** Takes the earliest run that is due, and plans the one after it. */
    Optional<Due> ring(Instant now) {
        Optional<String> first = due.entrySet().stream()
                .filter(entry -> !entry.getValue().isAfter(now))
                .min(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey);
        return first.map(name -> {
            Trigger.Timer timer = Optional.ofNullable(timers.get(name)).orElseThrow();
            Instant at = Optional.ofNullable(due.remove(name)).orElseThrow();
            plan(timer, at);
            if (++rings > MOST_RINGS) {
                throw new AssertionError("timer '" + name + "' rang more than " + MOST_RINGS
                        + " times in one turn of the clock; turn it in smaller steps");
            }
            return new Due(timer, at);
        });
    }

    /** Takes all runs that became due while nothing was up, and sorts them by the policy of their timers. */
    Missed missedUntil(Instant now) {
        Map<Trigger.Timer, List<Due>> all = new LinkedHashMap<>();
        for (Optional<Due> next = ring(now); next.isPresent(); next = ring(now)) {
            all.computeIfAbsent(next.get().timer(), timer -> new ArrayList<>()).add(next.get());
        }
        List<Due> caughtUp = new ArrayList<>();
        List<Due> dropped = new ArrayList<>();
        all.forEach((timer, runs) -> {
            int kept = switch (timer.missedRuns()) {
                case LAST -> 1;
                case NONE -> 0;
                case ALL ->
                    (int) Math.min(
                            MOST_CAUGHT_UP,
                            runs.stream()
                                    .filter(run -> !run.at().isBefore(now.minus(CATCH_UP_WINDOW)))
                                    .count());
            };
            dropped.addAll(runs.subList(0, runs.size() - kept));
            caughtUp.addAll(runs.subList(runs.size() - kept, runs.size()));
        });
        caughtUp.sort(Comparator.comparing(Due::at));
        return new Missed(caughtUp, dropped);
    }

    /** Overrides the schedule once; ignored unless a timer fired the execution that asks for it. */
    void override(String trigger, Instant next) {
        if (timers.containsKey(trigger)) {
            due.put(trigger, next);
        }
    }

    private void plan(Trigger.Timer timer, Instant after) {
        Optional<Instant> next = timer.schedule().next(after);
        if (next.isPresent() && !next.get().isAfter(after)) {
            throw new AssertionError("the schedule of timer '" + timer.name() + "' answered " + next.get()
                    + ", which is not after " + after);
        }
        next.ifPresentOrElse(at -> due.put(timer.name(), at), () -> due.remove(timer.name()));
    }
}
