package org.cdshooks.distribution;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** A part of a campaign. They run in this order: first the one that ends when its time is over, to the second. */
enum CampaignPart {
    SIMULATION("seeds of the simulation of nodes and stores", 10, 0),
    LOCAL(
            "kill -9 of a service on the local store",
            24,
            0.4,
            (distribution, data, ledger) -> new LocalKills(Clocks.RIGHT, distribution, data, ledger)),
    NODES(
            "kill -9 of one of three nodes on Redis",
            22,
            0.35,
            (distribution, data, ledger) -> new NodeKills(Clocks.RIGHT, distribution, data, ledger)),
    REDIS("kill -9 of Redis, which forces each write (AOF always)", 14, 0.25, RedisKills::new),
    SENTINEL("kill -9 of the Redis master; Sentinel makes a replica master", 10, 0, FailOvers::new),
    NETWORK("latency, cuts, dropped replies and half-open connections to Redis", 10, 0, NetworkFaults::new),
    STOP("SIGSTOP of one of three nodes on Redis, until its leases are over", 10, 0, Pauses::new),
    CLOCK(
            "kill -9 of one of three nodes on Redis, which comes back with its clock set by up to ten minutes",
            5,
            0,
            (distribution, data, ledger) -> new NodeKills(Clocks.SET_ANEW, distribution, data, ledger)),
    LOCALCLOCK(
            "kill -9 on the local store; the service comes back with its clock set by up to ten minutes",
            5,
            0,
            (distribution, data, ledger) -> new LocalKills(Clocks.SET_ANEW, distribution, data, ledger));

    /** How a running service is set up for faults. */
    interface Setting {
        Scene open(Distribution distribution, Path data, Ledger ledger) throws Exception;
    }

    private final String description;
    private final int weight;
    private final double shareOfKills;
    private final Optional<Setting> setting;

    CampaignPart(String description, int weight, double shareOfKills, Setting setting) {
        this.description = description;
        this.weight = weight;
        this.shareOfKills = shareOfKills;
        this.setting = Optional.of(setting);
    }

    CampaignPart(String description, int weight, double shareOfKills) {
        this.description = description;
        this.weight = weight;
        this.shareOfKills = shareOfKills;
        this.setting = Optional.empty();
    }

    /** Its name in {@code --only} and in reports. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    String description() {
        return description;
    }

    /** Its share of the time, compared with those of other parts. */
    int weight() {
        return weight;
    }

    /** Its share of the kills; zero for faults that are no kills of a service or of a lone Redis, which fill their time. */
    double shareOfKills() {
        return shareOfKills;
    }

    /** How it begins; empty for the simulation, which needs no service. */
    Optional<Setting> setting() {
        return setting;
    }
}
