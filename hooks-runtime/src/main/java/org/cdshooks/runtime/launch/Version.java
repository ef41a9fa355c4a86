package org.cdshooks.runtime.launch;

import java.util.Optional;
import org.cdshooks.runtime.http.BuildInfo;

/** Which version this is. */
final class Version {
    private Version() {}

    /** Reads the version from the jar's manifest; {@code dev} when there is no jar, as in tests. */
    static String current() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }

    static BuildInfo build() {
        return new BuildInfo(current(), "", "");
    }
}
