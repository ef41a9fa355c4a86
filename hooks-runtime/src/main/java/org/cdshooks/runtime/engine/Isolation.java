package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.cdshooks.runtime.store.ClaimPhase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs suspects, executions that crashes of nodes have hit, one at a time and each while nothing else runs on the node: so a
 * crash tells which execution has caused it. After each suspect the other executions get as long as the suspect has kept them.
 *
 * <p>Neither side waits for ever. If the node does not get quiet, the suspect runs beside the others; if the suspect takes long,
 * the others go on. A crash then makes nothing FAILED.
 */
final class Isolation {
    /** How long a suspect waits for what runs to end. */
    static final Duration UNTIL_QUIET = Duration.ofSeconds(10);

    /** How long nothing else begins on account of one suspect, from when the node began to get quiet. */
    static final Duration LONGEST = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(Isolation.class);

    private final Node node;
    private final Host host;
    private final Queue<Attempt> suspects = new ArrayDeque<>();
    private @Nullable Attempt isolated;
    private Instant rest = Instant.MIN;

    // Guarded by this object: since when nothing else begins; null if executions may begin.
    private @Nullable Instant closedSince;

    /** What isolation needs of the processor. */
    interface Host {
        /** Whether no execution runs, and none can begin as long as nobody is admitted. */
        boolean isQuiet();

        /** Whether the thread of the attempt has not ended. */
        boolean runs(Attempt attempt);

        /** Begins the attempt at a suspect. */
        void start(Attempt suspect);

        /** The execution is not ours any more. */
        void drop(Attempt suspect);
    }

    Isolation(Node node, Host host) {
        this.node = node;
        this.host = host;
    }

    // ------------------------------------------------------------------------------------------------ the dispatcher

    /** Takes a suspect, which waits until the node is quiet. */
    void add(Attempt suspect) {
        suspects.add(suspect);
    }

    /**
     * Does what there is to do now.
     *
     * @return empty if the dispatcher may claim; otherwise when to come again, unless an attempt ends before
     */
    Optional<Instant> pass() {
        Instant now = node.steady();
        Attempt running = isolated;
        if (running != null) {
            Instant end = since(now).plus(LONGEST);
            if (host.runs(running)) {
                if (now.isBefore(end)) {
                    return Optional.of(end);
                }
                var _ = node.store().setPhase(running.claim(), ClaimPhase.RUNNING);
            }
            isolated = null;
            open(now);
        }
        dropLost();
        return suspects.isEmpty() || now.isBefore(rest) ? Optional.empty() : isolate(now);
    }

    /** Lets go of suspects that were aborted or removed, or whose leases are lost. */
    private void dropLost() {
        suspects.removeIf(suspect -> {
            boolean isLost = suspect.isTold() || !host.runs(suspect);
            if (isLost) {
                host.drop(suspect);
            }
            return isLost;
        });
    }

    private Optional<Instant> isolate(Instant now) {
        Instant end = close(now).plus(UNTIL_QUIET);
        Attempt suspect = suspects.element();
        if (host.isQuiet()) {
            if (node.store().setPhase(suspect.claim(), ClaimPhase.ISOLATED)) {
                LOG.warn(
                        "{} was running when its node died, {} times: this attempt runs while nothing else does",
                        suspect.key(),
                        suspect.claim().crashes());
                suspects.remove();
                isolated = suspect;
                suspect.isolate();
                host.start(suspect);
                return Optional.of(since(now).plus(LONGEST));
            }
            suspects.remove();
            host.drop(suspect);
            open(now);
            return Optional.of(now);
        }
        if (now.isBefore(end)) {
            return Optional.of(end);
        }
        boolean isOurs = node.store().setPhase(suspect.claim(), ClaimPhase.RUNNING);
        suspects.remove();
        if (isOurs) {
            host.start(suspect);
        } else {
            host.drop(suspect);
        }
        open(now);
        return Optional.empty();
    }

    private synchronized Instant close(Instant now) {
        if (closedSince == null) {
            closedSince = now;
        }
        return closedSince;
    }

    private synchronized Instant since(Instant now) {
        return closedSince == null ? now : closedSince;
    }

    private synchronized void open(Instant now) {
        rest = now.plus(Duration.between(since(now), now));
        closedSince = null;
        notifyAll();
    }

    // ------------------------------------------------------------------------------------------------ attempts

    /**
     * Waits until executions may begin.
     *
     * @param begun done before a suspect can be isolated again
     */
    synchronized void admit(Runnable begun) throws InterruptedException {
        while (closedSince != null) {
            wait();
        }
        begun.run();
    }
}
