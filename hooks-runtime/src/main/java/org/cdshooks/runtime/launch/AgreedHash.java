package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service hash of nodes that share a store: each offers its own, and the first one offered is that of all. Until the
 * store can be asked, a node has its own.
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

    @Override
    public String get() {
        if (!agreed && store.problem().isEmpty()) {
            agree();
        }
        return hash;
    }

    private synchronized void agree() {
        try {
            if (!agreed) {
                String common = store.agree(NAME, hash);
                if (!common.equals(hash)) {
                    ServiceHash.replace(dataDir, common); // for `bin/hooks token`
                    hash = common;
                }
                agreed = true;
            }
        } catch (StoreUnavailableException e) {
            LOG.debug("the service hash is not agreed on yet: {}", e.getMessage());
        } catch (IOException e) {
            LOG.warn("the service hash of all nodes can't be kept in {}: {}", dataDir, e.getMessage());
        }
    }
}
