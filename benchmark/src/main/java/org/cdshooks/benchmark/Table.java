package org.cdshooks.benchmark;

import java.util.ArrayList;
import java.util.List;

/** What was measured, a row each: printed as it comes, and once more whole as Markdown at the end. */
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * Adds a row.
     *
     * @param what what was measured
     * @param figure what came out
     * @param aim what it should be; empty if there is no aim
     * @param reached whether it was reached; of no meaning without an aim
     */
    void row(String what, String figure, String aim, boolean reached) {
        String verdict = aim.isEmpty() ? "" : reached ? "reached" : "MISSED";
        rows.add(List.of(what, figure, aim, verdict));
        System.out.printf("  %-58s %-58s %-34s %s%n", what, figure, aim, verdict);
    }

    void note(String what, String figure) {
        row(what, figure, "", true);
    }

    String markdown() {
        StringBuilder text = new StringBuilder("| what | measured | aim | |\n|---|---|---|---|\n");
        rows.forEach(row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
        return text.toString();
    }
}
