package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} in the middle of load: a ledger of what was acknowledged against what arrived decides. {@code
 * -Dkills=20} makes it longer; the seed is printed.
 */
final class KillIT {
    private static final int KILLS = Integer.getInteger("kills", 3);
    private static final int SENDERS = 8;

    @TempDir
    Path dir;

    /** Defect A1 of CDS. */
    @Test
    void nothingAcknowledgedIsLostAndOnlyWhatWasInFlightComesTwice() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("kill test: " + KILLS + " kills, -Dseed=" + seed);
        Random random = new Random(seed);
        Distribution distribution = Distribution.unpackInto(dir.resolve("dist"));
        Path data = dir.resolve("data");
        List<Instant> kills = new ArrayList<>();
        Map<String, String> environment =
                Map.of("HOOKS_SINK_HTTP_ALLOW", "127.0.0.1/32", "HOOKS_RETRYDELAY", "1", "HOOKS_EXECUTIONHISTORY", "5");
        try (Ledger ledger = new Ledger();
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            String uuid = "";
            for (int round = 0; round < KILLS; round++) {
                try (Service service = distribution.serve(data, environment)) {
                    if (uuid.isEmpty()) {
                        uuid = service.createTask(ledger.webhook());
                    }
                    String task = uuid;
                    for (int i = 0; i < SENDERS; i++) {
                        senders.execute(() -> ledger.sendUntilItDies(service, task));
                    }
                    TimeUnit.MILLISECONDS.sleep(
                            300 + random.nextInt(1200)); // the moment of the kill, not a wait for something
                    kills.add(Instant.now());
                    service.kill();
                }
            }
            try (Service service = distribution.serve(data, environment)) {
                ledger.awaitAll();
                assertThat(service.terminate()).isZero();
            }
            System.out.println("kill test: " + ledger);
            assertThat(ledger.acknowledged()).isGreaterThan(20 * KILLS);
            ledger.expectTwiceOnlyNear(kills);
        }
    }
}
