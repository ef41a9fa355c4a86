package org.cdshooks.distribution;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs the simulations of the runtime's tests, which must be on the class path, for many seeds. */
final class SimulationSeeds {
    /**
     * A simulation.
     *
     * @param share its share of the seeds and of the time
     */
    private record Simulation(String test, String method, double share) {}

    private static final List<Simulation> ALL = List.of(
            new Simulation("org.cdshooks.runtime.store.local.LocalSimulationTest", "inMemory", 0.6),
            new Simulation("org.cdshooks.runtime.store.local.LocalSimulationTest", "onDisk", 0.1),
            new Simulation("org.cdshooks.runtime.store.redis.RedisSimulationTest", "onRedis", 0.3));

    private SimulationSeeds() {}

    /**
     * What came of one simulation.
     *
     * @param first the first seed
     * @param run how many seeds were run
     * @param failed those that failed
     * @param trouble why it did not run as it should, in words; empty if it did
     */
    record Outcome(String test, String method, long first, long run, List<Long> failed, String trouble) {
        boolean isGood() {
            return failed.isEmpty() && trouble.isEmpty();
        }

        /** The command that runs a seed again. */
        String command(long seed) {
            return "./mvnw -q -pl hooks-runtime -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest='"
                    + test.substring(test.lastIndexOf('.') + 1) + "#" + method + "' -Dsimulation.seed=" + seed
                    + " package";
        }
    }

    /**
     * Runs them all.
     *
     * @param first the first seed
     * @param seeds how many in all
     * @param time how long in all
     */
    static List<Outcome> run(long first, int seeds, Duration time) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        for (Simulation each : ALL) {
            outcomes.add(run(each, first, (int) Math.ceil(seeds * each.share()), Math.max(1, (long)
                    (time.toSeconds() * each.share()))));
        }
        return outcomes;
    }

    private static Outcome run(Simulation simulation, long first, int seeds, long seconds) throws IOException {
        Path report = Files.createTempFile("hooks-seeds", ".txt");
        try {
            System.setProperty("simulation.report", report.toString());
            System.setProperty("simulation.first", Long.toString(first));
            System.setProperty("simulation.seeds", Integer.toString(seeds));
            System.setProperty("simulation.seconds", Long.toString(seconds));
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(selectMethod(simulation.test(), simulation.method()))
                    .build();
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            Launcher launcher = LauncherFactory.create();
            launcher.execute(request, summary);
            List<String> lines = Files.readAllLines(report);
            String failures = summary.getSummary().getFailures().stream()
                    .map(failure -> String.valueOf(failure.getException()))
                    .reduce("", (a, b) -> a + b + "\n");
            if (lines.size() != 1) {
                return new Outcome(
                        simulation.test(),
                        simulation.method(),
                        first,
                        0,
                        List.of(),
                        "The simulation did not run. " + failures);
            }
            String[] words = lines.getFirst().split(" ");
            List<Long> failed = words.length < 4
                    ? List.of()
                    : Arrays.stream(words[3].split(",")).map(Long::valueOf).toList();
            System.out.print(failures);
            return new Outcome(simulation.test(), simulation.method(), first, Long.parseLong(words[2]), failed, "");
        } finally {
            Files.delete(report);
        }
    }
}
