package org.cdshooks.distribution;

import java.io.IOException;
import java.util.List;
import java.util.Random;

/** A running service, and a fault that can be done to it again and again. */
interface Scene extends AutoCloseable {
    /** The uuid of the task that the load is sent to. */
    String task();

    /** Where its nodes run. */
    List<Place> places();

    /**
     * Does the fault once, notes it in the ledger, and comes back when everything works again.
     *
     * @param random chooses what is left to chance, the moment included
     */
    void strike(Random random) throws Exception;

    @Override
    void close() throws IOException;
}
