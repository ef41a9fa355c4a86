package org.cdshooks.distribution;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The options of a campaign.
 *
 * @param home the unpacked distribution
 * @param kills how many kills there are to be, of services on the local store, of nodes on Redis and of Redis
 * @param seeds how many seeds of the simulation are to be run
 * @param time how long all of it may take
 * @param parts what is run
 * @param seed chooses everything that is left to chance
 * @param report the file of the report
 */
record CampaignOptions(
        Path home, int kills, int seeds, Duration time, List<CampaignPart> parts, long seed, Path report) {
    private static final int MOST = 1_000_000;

    /** A wrong option, in a whole sentence. */
    static final class WrongOptionException extends Exception {
        private static final long serialVersionUID = 1L;

        WrongOptionException(String message) {
            super(message);
        }
    }

    /** Reads the command line. */
    static CampaignOptions of(List<String> arguments) throws WrongOptionException {
        Optional<Path> home = Optional.empty();
        int kills = 1000;
        int seeds = 10_000;
        int minutes = 60;
        List<CampaignPart> parts = List.of(CampaignPart.values());
        long seed = System.nanoTime() & Integer.MAX_VALUE;
        Path report = Path.of("campaign.md");
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String name = rest.next();
            switch (name) {
                case "--home" -> home = Optional.of(Path.of(value(name, rest)).toAbsolutePath());
                case "--kills" -> kills = number(name, value(name, rest), 0);
                case "--seeds" -> seeds = number(name, value(name, rest), 0);
                case "--minutes" -> minutes = number(name, value(name, rest), 1);
                case "--only" -> parts = parts(value(name, rest));
                case "--seed" -> seed = seed(value(name, rest));
                case "--report" -> report = Path.of(value(name, rest));
                default ->
                    throw new WrongOptionException(
                            "There is no option " + name + ". testbed/campaign --help lists them.");
            }
        }
        return new CampaignOptions(
                home.orElseThrow(() -> new WrongOptionException(
                        "The option --home is missing: it names the unpacked distribution. testbed/campaign sets it.")),
                kills,
                seeds,
                Duration.ofMinutes(minutes),
                parts,
                seed,
                report.toAbsolutePath());
    }

    private static String value(String name, Iterator<String> rest) throws WrongOptionException {
        if (!rest.hasNext()) {
            throw new WrongOptionException("The option " + name + " needs a value behind it.");
        }
        return rest.next();
    }

    private static int number(String name, String value, int least) throws WrongOptionException {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= MOST) {
                return number;
            }
        } catch (NumberFormatException e) {
            // As for a number out of range.
        }
        throw new WrongOptionException("The option " + name + " takes a whole number from " + least + " to " + MOST
                + ", and " + value + " is none.");
    }

    private static long seed(String value) throws WrongOptionException {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new WrongOptionException(
                    "The option --seed takes a whole number, such as one that a report names, and " + value
                            + " is none.");
        }
    }

    private static List<CampaignPart> parts(String value) throws WrongOptionException {
        List<CampaignPart> found = new ArrayList<>();
        for (String name : value.split(",")) {
            found.add(Arrays.stream(CampaignPart.values())
                    .filter(part -> part.label().equals(name.strip()))
                    .findFirst()
                    .orElseThrow(
                            () -> new WrongOptionException("The option --only takes parts of the campaign, separated"
                                    + " by commas, and " + name + " is none. The parts are "
                                    + Arrays.stream(CampaignPart.values())
                                            .map(CampaignPart::label)
                                            .collect(Collectors.joining(", "))
                                    + ".")));
        }
        return found;
    }
}
