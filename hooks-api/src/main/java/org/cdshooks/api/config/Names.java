package org.cdshooks.api.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody probably meant. */
public final class Names {
    private Names() {}

    /**
     * Returns the known name that is nearest to an unknown one: few letters added, left out, changed or swapped.
     *
     * @param unknown what was written
     * @param known what could have been meant
     * @return the nearest, if one is near enough to be worth asking "did you mean"
     */
    public static Optional<String> nearest(String unknown, Collection<String> known) {
        int allowed = unknown.length() <= 3 ? 1 : unknown.length() <= 7 ? 2 : 3;
        return known.stream()
                .filter(name -> distance(unknown, name) <= allowed)
                .min(Comparator.<String>comparingInt(name -> distance(unknown, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** The Damerau-Levenshtein distance (optimal string alignment), letter case aside. */
    private static int distance(String first, String second) {
        String a = first.toLowerCase(Locale.ROOT);
        String b = second.toLowerCase(Locale.ROOT);
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
