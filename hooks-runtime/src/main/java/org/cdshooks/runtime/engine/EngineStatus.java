package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreCounts;

/**
 * How the engine is doing, read in constant time.
 *
 * @param startedAt when it was started
 * @param counts what the store holds
 * @param running executions that are being worked on here
 * @param done executions that have ended well here since the start
 * @param failed executions that have ended badly here since the start
 * @param failedRecently executions that have ended badly here in the last hour
 * @param retried attempts that have failed and are tried again, here since the start
 * @param skipped runs that were skipped or missed, here since the start
 * @param requests what came to the endpoints here since the start
 * @param parked tasks whose type no plugin serves here: at least that many
 * @param stopped the stopped tasks that this node has seen, up to some number; a live view
 * @param storeProblem what is wrong with the store
 * @param durability what the store can lose, in words
 * @param sealed whether secrets of tasks are encrypted before they are stored
 * @param draining whether the engine is stopping
 * @param node the name of this node
 * @param nodes the names of the nodes that share the store and are alive, this one included
 * @param maintenance whether nothing is worked on, on any node, since somebody has said so
 * @param clockSkew by how much the clock of this node is ahead of the store's, or behind if negative; empty if it is right
 */
public record EngineStatus(
        Instant startedAt,
        StoreCounts counts,
        int running,
        long done,
        long failed,
        long failedRecently,
        long retried,
        long skipped,
        Requests requests,
        long parked,
        Set<TaskId> stopped,
        Optional<String> storeProblem,
        String durability,
        boolean sealed,
        boolean draining,
        String node,
        List<String> nodes,
        boolean maintenance,
        Optional<Duration> clockSkew) {

    /** What is to be known of a store whose secrets are not encrypted, and what to do. */
    public static final String SECRETS_IN_CLEAR = "are in the store in clear, as CDS's own service reads them; set"
            + " secrets.key on all nodes to have them encrypted";

    /**
     * Says that the clock of this node is wrong.
     *
     * @return what is wrong and what to do; empty if the clock is right
     */
    public Optional<String> clockProblem() {
        return clockSkew.map(skew -> StoreClock.words(node, skew));
    }

    /**
     * Requests to endpoints.
     *
     * @param stored those that were stored, duplicates included
     * @param unverified those of them whose hook lets everybody in who knows the address
     * @param refused those that were refused since they did not prove their sender
     * @param held those of the refused that rest in quarantine, or did
     * @param leftOut those that were too many in a short time to be noted in traces one by one
     */
    public record Requests(long stored, long unverified, long refused, long held, long leftOut) {
        /** Makes counts of a node that has kept none and noted all. */
        public Requests(long stored, long unverified, long refused) {
            this(stored, unverified, refused, 0, 0);
        }
    }
}
