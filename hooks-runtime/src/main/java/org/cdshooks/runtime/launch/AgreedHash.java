package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service hash of nodes that share a store: each offers its own, and the first one offered is that of all. Asked when
 * it is needed first, for the store may be away at the start.
 */
final class AgreedHash implements Supplier<String> {
    private static final String NAME = "service.hash";
    private static final Logger LOG = LoggerFactory.getLogger(AgreedHash.class);

    private final TaskStore store;
    private final Path dataDir;
    private volatile String hash;
    private volatile boolean agreed;

    AgreedHash(TaskStore store, Path dataDir, String offered) {
        this.store = store;
        this.dataDir = dataDir;
        this.hash = offered;
    }

    /**
     * Returns the hash.
     *
     * @throws StoreUnavailableException if which one is that of all nodes can't be asked yet
     */
    @Override
    public String get() {
        if (!agreed) {
            agree();
        }
        return hash;
    }

    private synchronized void agree() {
        if (agreed) {
            return;
        }
        String common = store.agree(NAME, hash);
        if (!common.equals(hash)) {
            try {
                ServiceHash.replace(dataDir, common); // for `bin/hooks token`
            } catch (IOException e) {
                LOG.warn("the service hash of all nodes can't be kept in {}: {}", dataDir, e.getMessage());
            }
            hash = common;
        }
        agreed = true;
    }
}
