package org.cdshooks.distribution;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.cdshooks.distribution.CampaignOptions.WrongOptionException;
import org.cdshooks.distribution.Trial.Outcome;
import org.slf4j.LoggerFactory;

/**
 * Faults under load for as long as one wants, and a report. {@code testbed/campaign} starts it. The exit code is 1 if
 * something that was acknowledged was lost, if a repeat is unexplained, or if a part did not come to its end.
 */
public final class Campaign {
    private static final Duration PROGRESS = Duration.ofSeconds(15);

    private final CampaignOptions options;
    private final Distribution distribution;
    private final CampaignReport report;
    private final Path work;
    private final long end;

    private Campaign(CampaignOptions options, Distribution distribution, CampaignReport report, Path work) {
        this.options = options;
        this.distribution = distribution;
        this.report = report;
        this.work = work;
        this.end = System.nanoTime() + options.time().toNanos();
    }

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        CampaignOptions options;
        try {
            options = CampaignOptions.of(List.of(arguments));
        } catch (WrongOptionException e) {
            System.err.println("campaign: " + e.getMessage());
            System.exit(2);
            return;
        }
        // What simulated nodes and the views of stores have to say would hide the progress.
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
        Distribution distribution = Distribution.at(options.home());
        distribution.makeStartCache();
        Path work = Files.createTempDirectory("hooks-campaign");
        CampaignReport report = new CampaignReport(
                System.getProperty("campaign.commit", "unknown"), "testbed/campaign " + asGiven(options));
        new Campaign(options, distribution, report, work).run();
        if (report.isGood()) {
            delete(work);
        }
        System.out.println("\n" + report.markdown() + "\nThe report is in " + options.report());
        System.exit(report.isGood() ? 0 : 1);
    }

    private static String asGiven(CampaignOptions options) {
        return "--kills " + options.kills() + " --seeds " + options.seeds() + " --minutes "
                + options.time().toMinutes()
                + (options.parts().size() == CampaignPart.values().length
                        ? ""
                        : " --only "
                                + String.join(
                                        ",",
                                        options.parts().stream()
                                                .map(CampaignPart::label)
                                                .toList()))
                + " --seed " + options.seed();
    }

    private void run() throws IOException {
        Files.createDirectories(options.report().getParent());
        int weight = options.parts().stream().mapToInt(CampaignPart::weight).sum();
        for (CampaignPart part : options.parts()) {
            // What a part leaves of its time is shared by those that follow.
            Duration share = left().multipliedBy(part.weight()).dividedBy(weight);
            weight -= part.weight();
            say(part.label() + ": " + part.description() + "; for at most " + CampaignReport.minutes(share));
            if (part.setting().isPresent()) {
                faults(part, part.setting().get(), share);
            } else {
                report.add(SimulationSeeds.run(Math.abs(options.seed()), options.seeds(), share));
            }
            Files.writeString(options.report(), report.markdown());
        }
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    private void faults(CampaignPart part, CampaignPart.Setting setting, Duration share) throws IOException {
        long partEnd = System.nanoTime() + share.toNanos();
        int wanted =
                part.shareOfKills() > 0 ? (int) Math.ceil(options.kills() * part.shareOfKills()) : Integer.MAX_VALUE;
        Path data = Files.createDirectories(work.resolve(part.label()));
        distribution.keepLogsIn(Optional.of(Files.createDirectories(data.resolve("logs"))));
        String repeat = "testbed/campaign --only " + part.label() + " --seed " + options.seed() + " --kills "
                + options.kills() + " --minutes " + Math.max(1, share.toMinutes() + 1);
        boolean good = false;
        try (Ledger ledger = new Ledger();
                Scene scene = setting.open(distribution, data.resolve("data"), ledger)) {
            Outcome outcome = Trial.run(scene, ledger, options.seed(), until(part, ledger, wanted, partEnd));
            good = outcome.isGood();
            say(part.label() + ": " + ledger);
            report.add(part, wanted, outcome, repeat, good ? Optional.empty() : Optional.of(data.toString()));
        } catch (Exception | AssertionError e) {
            good = false;
            say(part.label() + ": " + e);
            report.addFailure(part, repeat, e, Optional.of(data.toString()));
        }
        if (good) {
            delete(data);
        }
    }

    /** Goes on until there have been so many faults or the time is over, and tells now and then how far it is. */
    private static IntPredicate until(CampaignPart part, Ledger ledger, int wanted, long end) {
        long[] told = {System.nanoTime()};
        return faults -> {
            long now = System.nanoTime();
            if (now - told[0] > PROGRESS.toNanos()) {
                told[0] = now;
                say(part.label() + ": " + faults + (wanted == Integer.MAX_VALUE ? "" : " of " + wanted) + " faults, "
                        + ledger.acknowledged() + " acknowledged, "
                        + CampaignReport.minutes(Duration.ofNanos(Math.max(0, end - now))) + " left");
            }
            return faults < wanted && (faults == 0 || now < end);
        };
    }

    private static void say(String words) {
        System.out.println("campaign: " + words);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
