package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service hash that the CDS API gives at registration. Until then it is the one that was given last, which the data
 * directory keeps: the API can call a service that has been restarted while it could not be reached.
 */
final class GivenHash implements Supplier<String>, Consumer<String> {
    private static final Logger LOG = LoggerFactory.getLogger(GivenHash.class);

    private final Path dataDir;
    private volatile String hash;

    GivenHash(Path dataDir, String kept) {
        this.dataDir = dataDir;
        this.hash = kept;
    }

    @Override
    public String get() {
        return hash;
    }

    @Override
    public void accept(String given) {
        if (given.equals(hash)) {
            return;
        }
        hash = given;
        try {
            ServiceHash.replace(dataDir, given);
            LOG.info("the CDS API has given another service hash; bin/hooks token prints it");
        } catch (IOException e) {
            LOG.warn("the service hash that the CDS API has given can't be kept in {}: {}", dataDir, e.getMessage());
        }
    }
}
