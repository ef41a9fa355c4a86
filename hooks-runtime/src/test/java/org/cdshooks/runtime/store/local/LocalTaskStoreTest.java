package org.cdshooks.runtime.store.local;

import java.nio.file.Path;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TaskStoreContract;
import org.junit.jupiter.api.io.TempDir;

class LocalTaskStoreTest extends TaskStoreContract {
    @TempDir
    Path directory;

    @Override
    protected TaskStore open() {
        return LocalStores.open(directory, clock, LocalOptions.DEFAULT);
    }

    @Override
    protected TaskStore reopen(TaskStore opened) {
        opened.close();
        return open();
    }
}
