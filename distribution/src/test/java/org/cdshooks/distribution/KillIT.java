package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.cdshooks.distribution.Trial.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} in the middle of load: a ledger of what was acknowledged against what arrived decides. {@code
 * -Dkills=20} makes it longer; the seed is printed, and {@code -Dseed=} takes it.
 */
final class KillIT {
    private static final int KILLS = Integer.getInteger("kills", 3);

    @TempDir
    Path dir;

    /** Defect A1 of CDS. */
    @Test
    void nothingAcknowledgedIsLostAndOnlyWhatWasInFlightComesTwice() throws Exception {
        long seed = Trial.seed("kill test");
        Distribution distribution = Distribution.unpackInto(dir.resolve("dist"));
        try (Ledger ledger = new Ledger();
                LocalKills scene = new LocalKills(Clocks.RIGHT, distribution, dir.resolve("data"), ledger)) {
            Outcome outcome = Trial.run(scene, ledger, seed, kills -> kills < KILLS);
            System.out.println("kill test: " + ledger);
            outcome.expectGood();
            assertThat(outcome.mostInFlight()).isLessThanOrEqualTo(LocalKills.MOST_IN_FLIGHT);
        }
    }
}
