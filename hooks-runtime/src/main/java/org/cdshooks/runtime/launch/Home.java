package org.cdshooks.runtime.launch;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where things stand on disk.
 *
 * @param home the unpacked distribution: conf/, lib/, plugins/
 * @param base where data/ is unless configured; the home, but in a clone the clone itself
 */
record Home(Path home, Path base) {

    /** Reads what the launcher script says; without it, the working directory is home. */
    static Home detect() {
        Path home = Path.of(
                        Optional.ofNullable(System.getProperty("hooks.home")).orElse("."))
                .toAbsolutePath()
                .normalize();
        Path base = Optional.ofNullable(System.getProperty("hooks.base"))
                .map(Path::of)
                .orElse(home);
        return new Home(home, base.toAbsolutePath().normalize());
    }
}
