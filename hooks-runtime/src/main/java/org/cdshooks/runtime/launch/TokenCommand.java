package org.cdshooks.runtime.launch;

import java.util.Map;
import java.util.concurrent.Callable;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.redis.RedisStores;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the service hash. */
@Command(
        name = "token",
        description =
                "Prints the secret of the admin API (the service hash), for `Authorization: Bearer $(bin/hooks token)`.")
final class TokenCommand implements Callable<Integer> {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Override
    public Integer call() throws Exception {
        Settings settings = common.load(Home.detect(), Map.of());
        boolean isShared =
                settings.isOnRedis() && settings.find(Settings.CDS_API_URL).isEmpty();
        if (!isShared && !ServiceHash.isThere(settings.dataDir())) {
            System.err.println("hooks: no service has run with its data in " + settings.dataDir()
                    + ": start it with `hooks serve`, or name its directory with --data DIR");
            return ExitCode.USAGE.code();
        }
        String hash = ServiceHash.readOrCreate(settings.dataDir());
        // In a CDS installation the API gives it, to each node; the data directory keeps the last one.
        if (isShared) {
            Logging.apply("error", "text");
            try (TaskStore store = RedisStores.open(settings.redis())) {
                if (store.problem().isPresent()) {
                    System.err.println("hooks: which token all nodes share is not known: "
                            + store.problem().get());
                    return ExitCode.FAILURE.code();
                }
                hash = new AgreedHash(store, settings.dataDir(), hash).get();
            }
        }
        System.out.println(hash);
        return ExitCode.OK.code();
    }
}
