package org.cdshooks.distribution;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cdshooks.distribution.Trial.Outcome;

/** What a campaign has found, as Markdown. */
final class CampaignReport {
    private static final int MOST_SHOWN = 20;

    private final String commit;
    private final String command;
    private final Instant began = Instant.now();
    private final List<Row> rows = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();
    private List<SimulationSeeds.Outcome> simulations = List.of();

    private record Row(CampaignPart part, int wanted, Outcome outcome) {}

    CampaignReport(String commit, String command) {
        this.commit = commit;
        this.command = command;
    }

    /**
     * Adds what came of faults.
     *
     * @param wanted how many faults there were to be
     * @param repeat the command that does it again
     * @param evidence where data and logs are kept if it is bad
     */
    void add(CampaignPart part, int wanted, Outcome outcome, String repeat, Optional<String> evidence) {
        rows.add(new Row(part, wanted, outcome));
        if (!outcome.isGood()) {
            StringBuilder text = new StringBuilder("**" + part.label() + "**, repeat with `" + repeat + "`"
                    + evidence.map(place -> "; data and logs are in `" + place + "`")
                            .orElse("") + "\n");
            if (!outcome.lost().isEmpty()) {
                text.append("  - acknowledged and lost: requests ")
                        .append(outcome.lost().stream().limit(MOST_SHOWN).toList())
                        .append('\n');
            }
            outcome.unexplained().stream()
                    .limit(MOST_SHOWN)
                    .forEach(line ->
                            text.append("  - unexplained: ").append(line).append('\n'));
            troubles.add(text.toString());
        }
    }

    /** Adds a part that could not be brought to its end. */
    void addFailure(CampaignPart part, String repeat, Throwable failure, Optional<String> evidence) {
        troubles.add("**" + part.label() + "** ended early, repeat with `" + repeat + "`"
                + evidence.map(place -> "; data and logs are in `" + place + "`")
                        .orElse("") + "\n  - "
                + String.valueOf(failure)
                        .lines()
                        .limit(MOST_SHOWN)
                        .reduce("", (a, b) -> a + "\n    " + b)
                        .strip()
                + "\n");
    }

    /** Adds what came of the simulations. */
    void add(List<SimulationSeeds.Outcome> outcomes) {
        simulations = outcomes;
        for (SimulationSeeds.Outcome each : outcomes) {
            each.failed()
                    .forEach(seed -> troubles.add("**simulation** " + each.method() + ", seed " + seed
                            + " fails; repeat with `" + each.command(seed) + "`\n"));
            if (!each.trouble().isEmpty()) {
                troubles.add("**simulation** " + each.method() + ": " + each.trouble() + "\n");
            }
        }
    }

    boolean isGood() {
        return troubles.isEmpty();
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# Campaign\n\n");
        text.append("| | |\n|---|---|\n");
        line(
                text,
                "result",
                isGood() ? "nothing acknowledged was lost, each repeat is explained" : "**BAD**, see below");
        line(text, "command", "`" + command + "`");
        line(text, "commit", commit);
        line(text, "began", began.toString());
        line(text, "took", minutes(Duration.between(began, Instant.now())));
        line(
                text,
                "machine",
                Runtime.getRuntime().availableProcessors() + " processors, " + System.getProperty("os.name") + " "
                        + System.getProperty("os.version") + " " + System.getProperty("os.arch") + ", Java "
                        + Runtime.version());
        if (!rows.isEmpty()) {
            text.append("""

                    ## Faults under load

                    | part | faults | of | acknowledged | refused | delivered | lost | twice, in flight at a fault \
                    | twice, unexplained | most in flight | late results refused | seed | took |
                    |---|---|---|---|---|---|---|---|---|---|---|---|---|
                    """);
        }
        int faults = 0;
        int lost = 0;
        int unexplained = 0;
        for (Row row : rows) {
            Outcome outcome = row.outcome();
            line(
                    text,
                    row.part().label(),
                    outcome.faults(),
                    row.wanted() == Integer.MAX_VALUE ? "" : row.wanted(),
                    outcome.acknowledged(),
                    outcome.refused(),
                    outcome.delivered(),
                    outcome.lost().size(),
                    outcome.repeats() - outcome.unexplained().size(),
                    outcome.unexplained().size(),
                    outcome.mostInFlight(),
                    outcome.lateResults(),
                    outcome.seed(),
                    minutes(outcome.took()));
            faults += outcome.faults();
            lost += outcome.lost().size();
            unexplained += outcome.unexplained().size();
        }
        if (!rows.isEmpty()) {
            text.append("\n").append(faults).append(" faults: ").append(lost).append(" acknowledged and lost, ");
            text.append(unexplained).append(" repeats unexplained.\n\n");
            rows.forEach(row -> text.append("- ")
                    .append(row.part().label())
                    .append(": ")
                    .append(row.part().description())
                    .append('\n'));
        }
        if (!simulations.isEmpty()) {
            text.append(
                    "\n## Simulation\n\n| simulation | first seed | seeds run | seeds that failed |\n|---|---|---|---|\n");
            simulations.forEach(each -> line(text, each.method(), each.first(), each.run(), each.failed()));
        }
        if (!troubles.isEmpty()) {
            text.append("\n## What went wrong\n\n");
            troubles.forEach(trouble -> text.append("- ").append(trouble));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, Object... cells) {
        for (Object cell : cells) {
            text.append("| ").append(cell).append(' ');
        }
        text.append("|\n");
    }

    static String minutes(Duration time) {
        return "%d:%02d min".formatted(time.toMinutes(), time.toSecondsPart());
    }
}
