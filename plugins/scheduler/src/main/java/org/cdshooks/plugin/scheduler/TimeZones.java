package org.cdshooks.plugin.scheduler;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.cdshooks.api.config.Names;

/** Finds time zones by the names that CDS takes: those of the IANA database, in their spelling. */
final class TimeZones {
    private static final Set<String> KNOWN = new TreeSet<>(ZoneId.getAvailableZoneIds());
    private static final int LONGEST = 64;

    private TimeZones() {}

    /**
     * Finds a zone.
     *
     * @param name a name such as {@code Europe/Paris}; empty for UTC; {@code Local} for the zone of this machine
     * @throws IllegalArgumentException if there is no such zone; the message suggests one
     */
    static ZoneId find(String name) {
        if (name.isEmpty()) {
            return ZoneId.of("UTC");
        }
        if (name.equals("Local")) {
            return ZoneId.systemDefault();
        }
        // ZoneId.of alone takes offsets such as +01:00 too, which the CDS API and its UI do not know.
        if (KNOWN.contains(name)) {
            try {
                return ZoneId.of(name);
            } catch (DateTimeException e) {
                throw new IllegalArgumentException("time zone '" + name + "' has no rules on this machine", e);
            }
        }
        String shown = name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "…";
        throw new IllegalArgumentException("'" + shown + "' is no time zone"
                + meant(name).map(near -> "; did you mean '" + near + "'?").orElse(".")
                + " Give a name of the IANA time zone database in its spelling, such as Europe/Paris; UTC; or Local for the"
                + " zone of the machine");
    }

    private static Optional<String> meant(String name) {
        if (name.length() > LONGEST) {
            return Optional.empty();
        }
        return KNOWN.stream()
                .filter(known -> known.equalsIgnoreCase(name))
                .min(Comparator.naturalOrder())
                .or(() -> Names.nearest(name, KNOWN));
    }
}
