package org.cdshooks.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tables of {@code docs/cds-differences.md}, which people read and the test obeys.
 *
 * @param members by kind of object, those that this service adds
 * @param headers those that this service adds, names in lower case
 * @param rows answers that are not those of CDS
 * @param needs which hook type captures need
 */
record Differences(Map<String, Set<String>> members, Set<String> headers, List<Row> rows, List<Need> needs) {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /**
     * An answer that is not that of CDS.
     *
     * @param captures the names of the captures; {@code *} stands for any text
     * @param status ours
     * @param changes what has to be done to the body of CDS to have ours
     */
    record Row(List<String> captures, int status, List<String> changes) {
        boolean isOf(String capture) {
            return matches(captures, capture);
        }
    }

    /** Captures that can be compared only where a plugin offers a hook type. */
    record Need(List<String> captures, String type) {}

    static Differences read(Path file) throws IOException {
        Map<String, Set<String>> members = new HashMap<>();
        Set<String> headers = Set.of();
        List<Row> rows = new ArrayList<>();
        List<Need> needs = new ArrayList<>();
        String table = "";
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("| ") && !line.startsWith("| `") && !line.startsWith("| -")) {
                table = line;
            } else if (line.startsWith("| `")) {
                String[] cells = line.split(" \\| ");
                List<String> first = codes(cells[0]);
                if (table.startsWith("| object ")) {
                    members.put(first.getFirst(), Set.copyOf(codes(cells[1])));
                } else if (table.startsWith("| header ")) {
                    headers = first.stream().map(String::toLowerCase).collect(Collectors.toSet());
                } else if (table.startsWith("| capture ")) {
                    List<String> ours = codes(cells[2]);
                    rows.add(new Row(first, Integer.parseInt(ours.getFirst()), ours.subList(1, ours.size())));
                } else if (table.startsWith("| captures ")) {
                    needs.add(new Need(first, codes(cells[1]).getFirst()));
                }
            }
        }
        return new Differences(members, headers, rows, needs);
    }

    private static List<String> codes(String cell) {
        Matcher matcher = CODE.matcher(cell);
        List<String> codes = new ArrayList<>();
        while (matcher.find()) {
            codes.add(matcher.group(1));
        }
        return codes;
    }

    Optional<Row> row(String capture) {
        List<Row> found = rows.stream().filter(row -> row.isOf(capture)).toList();
        if (found.size() > 1) {
            throw new AssertionError("capture " + capture + " is in more than one row: " + found);
        }
        return found.stream().findFirst();
    }

    Optional<String> neededType(String capture) {
        return needs.stream()
                .filter(need -> matches(need.captures(), capture))
                .map(Need::type)
                .findFirst();
    }

    private static boolean matches(List<String> patterns, String name) {
        return patterns.stream()
                .anyMatch(pattern -> name.matches(Pattern.quote(pattern).replace("*", "\\E.*\\Q")));
    }
}
