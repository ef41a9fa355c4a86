package org.cdshooks.runtime.store.redis;

import java.util.Optional;
import org.cdshooks.runtime.store.StoreUnavailableException;

/** Decides whether what a Redis holds may be served: asked by the link before it lets the store in, and every second. */
interface Admission extends AutoCloseable {
    /** Lets everybody in, whatever is there. */
    Admission OPEN = redis -> Optional.empty();

    /** Runs scripts, although the store is not let in yet. */
    interface Asker {
        /**
         * Runs a script.
         *
         * @param arguments texts, bytes and numbers
         * @throws StoreUnavailableException if Redis can't be asked or doesn't answer; it may have run nevertheless
         */
        Answer run(Script script, Object... arguments);
    }

    /**
     * Looks. Called on the link's thread, and soon again while there is a problem; so what takes long is done elsewhere.
     *
     * @param redis a connection that works
     * @return why the store must wait; empty if it need not
     * @throws StoreUnavailableException if Redis can't be asked
     */
    Optional<String> problem(Asker redis);

    /** Ends what is done elsewhere. */
    @Override
    default void close() {}
}
