package org.cdshooks.runtime.store.redis;

import java.util.List;
import java.util.Optional;
import org.cdshooks.runtime.store.StoreUnavailableException;

/** The way to Redis, as the store sees it: {@link RedisLink}, or one that tests put their faults into. */
interface Link extends AutoCloseable {
    /** What must not wait behind the other: requests from outside, and the work of loops and executions. */
    enum Use {
        DOOR,
        WORK
    }

    /**
     * Runs a script.
     *
     * @param use over which connection
     * @param arguments texts, bytes and numbers
     * @throws StoreUnavailableException if Redis can't be asked or doesn't answer; it may have run nevertheless
     */
    Answer run(Use use, Script script, Object... arguments);

    /**
     * Runs a script several times, without waiting for one answer before the next is sent.
     *
     * @param calls the arguments of each call
     * @return the answers, in the order of the calls
     * @throws StoreUnavailableException if one of them has no answer; each may have run nevertheless
     */
    List<Answer> runAll(Use use, Script script, List<Object[]> calls);

    /**
     * Waits until as many replicas as configured have what was written over a connection before.
     *
     * @throws StoreUnavailableException if they don't within their time: it is written, but may be lost
     */
    void awaitReplicas(Use use);

    /** Says what is wrong; empty if Redis answers. */
    Optional<String> problem();

    /** Says in words what Redis can lose. */
    String durability();

    @Override
    void close();
}
