package org.cdshooks.runtime.store.local;

import java.time.InstantSource;
import org.cdshooks.runtime.store.TaskStore;

/** Opens the stores of one process. */
public final class LocalStores {
    private LocalStores() {}

    /**
     * Opens a store that forgets everything when the process ends.
     *
     * @param clock judges what is due, leases and deliveries
     * @return an empty store
     */
    public static TaskStore memory(InstantSource clock) {
        return new LocalTaskStore(new MemoryBacking(), clock);
    }
}
