package org.cdshooks.runtime.launch;

import java.util.Map;
import java.util.concurrent.Callable;
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
        System.out.println(
                ServiceHash.readOrCreate(common.load(Home.detect(), Map.of()).dataDir()));
        return ExitCode.OK.code();
    }
}
