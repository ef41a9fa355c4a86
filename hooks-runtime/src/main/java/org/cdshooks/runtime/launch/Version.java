package org.cdshooks.runtime.launch;

import java.util.Optional;

/** Which version this is. */
final class Version {
    private Version() {}

    /** Reads the version from the jar's manifest; {@code dev} when there is no jar, as in tests. */
    static String current() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion()).orElse("dev");
    }
}
