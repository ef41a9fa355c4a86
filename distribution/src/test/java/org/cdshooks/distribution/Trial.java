package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Faults under load, one after the other, all that is left to chance chosen by one seed; then what became of the requests. */
final class Trial {
    private static final Pattern LATE = Pattern.compile("(\\d+) refused as too late");

    private Trial() {}

    /**
     * What came of it.
     *
     * @param seed what chose everything
     * @param faults how many there were
     * @param acknowledged how many requests were acknowledged
     * @param refused how many were answered with 503
     * @param delivered how many have arrived at least once
     * @param lost what was acknowledged and has not arrived
     * @param repeats how often something arrived that had arrived before
     * @param unexplained those repeats that no fault explains, in words
     * @param mostInFlight the most executions in flight at one fault
     * @param lateResults how many results the nodes that ran at the end had refused as too late
     * @param took how long it took
     */
    record Outcome(
            long seed,
            int faults,
            int acknowledged,
            long refused,
            int delivered,
            Set<Integer> lost,
            int repeats,
            List<String> unexplained,
            int mostInFlight,
            long lateResults,
            Duration took) {

        boolean isGood() {
            return lost.isEmpty() && unexplained.isEmpty();
        }

        /** Fails if something was lost, or came twice without a reason. */
        void expectGood() {
            assertThat(lost).as("acknowledged and lost").isEmpty();
            assertThat(unexplained)
                    .as("came again without having been in flight at a fault")
                    .isEmpty();
            assertThat(acknowledged).isGreaterThan(faults);
        }
    }

    /** The seed of a test: that of {@code -Dseed=}, or a new one, which is printed. */
    static long seed(String test) {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println(test + ": to repeat it, add -Dseed=" + seed);
        return seed;
    }

    /**
     * Runs it.
     *
     * @param goesOn whether there is to be another fault after so many
     */
    static Outcome run(Scene scene, Ledger ledger, long seed, IntPredicate goesOn) throws Exception {
        long began = System.nanoTime();
        Random random = new Random(seed);
        int faults = 0;
        try (Load load = new Load(ledger, scene.places(), scene.task(), new Random(random.nextLong()))) {
            while (goesOn.test(faults)) {
                scene.strike(random);
                faults++;
            }
            load.end();
        }
        long late = 0;
        try {
            ledger.awaitAll();
        } catch (AssertionError e) {
            // The outcome tells what is lost.
        }
        for (Place place : scene.places()) {
            Matcher found =
                    LATE.matcher(place.service().send("GET", "/mon/status", "").body());
            late += found.find() ? Long.parseLong(found.group(1)) : 0;
        }
        for (Place place : scene.places()) {
            assertThat(place.terminate()).isZero();
        }
        return new Outcome(
                seed,
                faults,
                ledger.acknowledged(),
                ledger.refused(),
                ledger.arrived(),
                ledger.lost(),
                ledger.repeats(),
                ledger.unexplained(),
                ledger.mostInFlight(),
                late,
                Duration.ofNanos(System.nanoTime() - began));
    }
}
