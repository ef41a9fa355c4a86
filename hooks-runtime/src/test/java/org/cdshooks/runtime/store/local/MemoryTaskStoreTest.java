package org.cdshooks.runtime.store.local;

import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TaskStoreContract;

class MemoryTaskStoreTest extends TaskStoreContract {
    @Override
    protected TaskStore open() {
        return LocalStores.memory(clock);
    }

    @Override
    protected TaskStore reopen(TaskStore opened) {
        return opened;
    }
}
