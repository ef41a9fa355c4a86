package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.cdshooks.api.MissedRuns;
import org.cdshooks.api.Schedule;

/**
 * Decides which runs of a timer run now and which were missed, when the timer rings: usually the one that waited, and after
 * an outage what {@link MissedRuns} says. Pure.
 *
 * <p>A run is missed when a later one is due as well. Under {@link MissedRuns#NONE} the last one is missed too if it is
 * later than a grace.
 *
 * @param schedule the timer's schedule
 * @param policy what becomes of missed runs
 * @param dueAt tells for a nominal time when its run is due, which is later if runs are spread
 * @param grace how late a run may be under {@link MissedRuns#NONE}
 */
record MissedRunsPolicy(Schedule schedule, MissedRuns policy, UnaryOperator<Instant> dueAt, Duration grace) {
    /** How many missed runs run at most under {@link MissedRuns#ALL}. */
    static final int MAX_CATCH_UP = 100;

    /** How old they may be. */
    static final Duration CATCH_UP_WINDOW = Duration.ofHours(24);

    /** How many times are counted one by one; the answer is "more than" beyond. */
    static final int MAX_STEPS = 10_000;

    /**
     * What is to be done.
     *
     * @param runs the nominal times that run now, oldest first
     * @param missed how many do not run
     * @param missedIsMore whether there were more than that
     * @param words what was missed, for the user; empty if nothing was
     * @param next the nominal time that waits from now on; empty if the schedule is over
     */
    record Plan(List<Instant> runs, int missed, boolean missedIsMore, String words, Optional<Instant> next) {}

    /** Plans what becomes of the run that has waited and of those after it. */
    Plan plan(Instant waited, Instant now) {
        int keep = policy == MissedRuns.ALL ? MAX_CATCH_UP : 1;
        Deque<Instant> newest = new ArrayDeque<>();
        List<Instant> first = new ArrayList<>();
        newest.add(waited);
        int passed = 1;
        Optional<Instant> next = later(waited);
        while (next.isPresent() && isDue(next.get(), now) && passed < MAX_STEPS) {
            newest.addLast(next.get());
            if (newest.size() > keep) {
                remember(first, newest.removeFirst());
            }
            passed++;
            next = later(next.get());
        }
        boolean more = next.isPresent() && isDue(next.get(), now);
        if (more) {
            newest = newestBefore(now, keep, next.get());
            next = later(newest.isEmpty() ? now : newest.getLast());
        }
        List<Instant> runs = new ArrayList<>();
        for (Instant time : newest) {
            if (runsNow(time, now)) {
                runs.add(time);
            } else {
                remember(first, time);
            }
        }
        int missed = more ? MAX_STEPS : passed - runs.size();
        return new Plan(List.copyOf(runs), missed, more, words(first, missed, more, runs), next);
    }

    private boolean runsNow(Instant time, Instant now) {
        return switch (policy) {
            case LAST -> true;
            case NONE -> !now.isAfter(dueAt.apply(time).plus(grace));
            case ALL -> !now.isAfter(time.plus(CATCH_UP_WINDOW)) || isDueOnTime(time, now);
        };
    }

    /** A run that is only just due is none that was missed, however long its spread. */
    private boolean isDueOnTime(Instant time, Instant now) {
        return !now.isAfter(dueAt.apply(time).plus(grace));
    }

    /** Finds the newest times up to now, when there are too many to go through: ever longer steps back from now. */
    private Deque<Instant> newestBefore(Instant now, int count, Instant from) {
        Deque<Instant> found = new ArrayDeque<>();
        for (Duration back = Duration.ofSeconds(1); ; back = back.multipliedBy(2)) {
            boolean isAll = back.compareTo(Duration.between(from, now)) >= 0;
            Instant start = isAll ? from : now.minus(back);
            found.clear();
            Optional<Instant> time = later(start);
            for (int steps = 0; steps < MAX_STEPS && time.isPresent() && isDue(time.get(), now); steps++) {
                found.addLast(time.get());
                if (found.size() > count) {
                    found.removeFirst();
                }
                time = later(time.get());
            }
            if (found.size() >= count || isAll || back.compareTo(CATCH_UP_WINDOW) > 0 && !found.isEmpty()) {
                return found;
            }
        }
    }

    private boolean isDue(Instant time, Instant now) {
        return !dueAt.apply(time).isAfter(now);
    }

    /** A schedule that stands still or goes back would ring for ever. */
    Optional<Instant> later(Instant after) {
        Optional<Instant> next = schedule.next(after);
        if (next.isPresent() && !next.get().isAfter(after)) {
            throw new IllegalStateException("the schedule says that after " + after + " comes " + next.get());
        }
        return next;
    }

    private static void remember(List<Instant> first, Instant time) {
        if (first.size() < 5) {
            first.add(time);
        }
    }

    private static String words(List<Instant> first, int missed, boolean more, List<Instant> runs) {
        if (missed == 0) {
            return "";
        }
        StringBuilder words = new StringBuilder("missed ")
                .append(more ? "more than " : "")
                .append(missed)
                .append(missed == 1 ? " run (" : " runs (");
        for (int i = 0; i < first.size(); i++) {
            words.append(i == 0 ? "" : ", ").append(first.get(i));
        }
        if (more || missed > first.size()) {
            words.append(", …");
        }
        words.append(") since nothing rang them in time");
        if (runs.isEmpty()) {
            return words.append("; none of them runs").toString();
        }
        return words.append(runs.size() == 1 ? "; now runs the one of " : "; now run " + runs.size() + " from ")
                .append(runs.getFirst())
                .toString();
    }
}
