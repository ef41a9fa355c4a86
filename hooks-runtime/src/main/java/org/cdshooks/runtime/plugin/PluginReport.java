package org.cdshooks.runtime.plugin;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What became of each plugin that was found. Shown in the log, in {@code GET /plugins} and by {@code bin/hooks plugins}.
 *
 * @param plugins one line a plugin, in the order of their names
 * @param quietLoggers the names of loggers, of libraries that plugins bring, of which only errors are worth a line in the log
 */
public record PluginReport(List<Line> plugins, List<String> quietLoggers) {
    /** Copies the lists. */
    public PluginReport {
        plugins = List.copyOf(plugins);
        quietLoggers = List.copyOf(quietLoggers);
    }

    /**
     * Makes a report without quiet loggers.
     *
     * @param plugins one line a plugin, in the order of their names
     */
    public PluginReport(List<Line> plugins) {
        this(plugins, List.of());
    }

    /** Whether a plugin can be used. */
    public enum State {
        /** All that it offers is ready. */
        READY,
        /** Something of it is ready, and something is not. */
        PARTLY,
        /** Nothing of it is ready. */
        FAILED
    }

    /**
     * One plugin.
     *
     * @param name its name: from its manifest, else the name of its directory or jar
     * @param version its version from its manifest; empty if it says none
     * @param source the directory or jar
     * @param hookTypes the names of the hook types that it offers and that are ready
     * @param sinks the names of the sinks that it offers and that are ready
     * @param problems what is wrong, each in words that its author understands; empty if all is well
     * @param warnings what is odd and no problem
     */
    public record Line(
            String name,
            String version,
            String source,
            List<String> hookTypes,
            List<String> sinks,
            List<String> problems,
            List<String> warnings) {
        /** Copies the lists. */
        public Line {
            hookTypes = List.copyOf(hookTypes);
            sinks = List.copyOf(sinks);
            problems = List.copyOf(problems);
            warnings = List.copyOf(warnings);
        }

        /**
         * Tells whether all that the plugin offers is ready.
         *
         * @return true if there is no problem
         */
        public boolean isReady() {
            return problems.isEmpty();
        }

        /**
         * Returns the state in one word.
         *
         * @return the state
         */
        public State state() {
            if (isReady()) {
                return State.READY;
            }
            return hookTypes.isEmpty() && sinks.isEmpty() ? State.FAILED : State.PARTLY;
        }

        private Line with(List<String> moreProblems, List<String> moreWarnings) {
            return new Line(
                    name,
                    version,
                    source,
                    hookTypes,
                    sinks,
                    Stream.concat(problems.stream(), moreProblems.stream()).toList(),
                    Stream.concat(warnings.stream(), moreWarnings.stream()).toList());
        }

        private Line without(String hookType, String sink, String problem) {
            return new Line(
                    name,
                    version,
                    source,
                    hookTypes.stream().filter(Predicate.not(hookType::equals)).toList(),
                    sinks.stream().filter(Predicate.not(sink::equals)).toList(),
                    Stream.concat(problems.stream(), Stream.of(problem)).toList(),
                    warnings);
        }
    }

    PluginReport withoutHookType(String plugin, String hookType, String problem) {
        return replace(plugin, line -> line.hookTypes().contains(hookType), hookType, "", problem);
    }

    PluginReport withoutSink(String plugin, String sink, String problem) {
        return replace(plugin, line -> line.sinks().contains(sink), "", sink, problem);
    }

    PluginReport withProblem(String plugin, String problem) {
        return with(plugin, List.of(problem), List.of());
    }

    PluginReport withWarning(String plugin, String warning) {
        return with(plugin, List.of(), List.of(warning));
    }

    private PluginReport with(String plugin, List<String> problems, List<String> warnings) {
        List<Line> lines = new ArrayList<>(plugins);
        lines.replaceAll(line -> line.name().equals(plugin) ? line.with(problems, warnings) : line);
        return new PluginReport(lines, quietLoggers);
    }

    private PluginReport replace(
            String plugin, Predicate<Line> offersIt, String hookType, String sink, String problem) {
        List<Line> lines = new ArrayList<>(plugins);
        lines.replaceAll(line -> offersIt.test(line) ? line.without(hookType, sink, problem) : line);
        if (plugins.stream().noneMatch(offersIt)) { // a registry made of instances has no lines at first
            lines.add(new Line(plugin, "", "", List.of(), List.of(), List.of(problem), List.of()));
        }
        return new PluginReport(lines);
    }

    /**
     * Returns the report as an aligned table for a terminal: name, version, hook types, sinks, state, and what is wrong
     * or odd, one a line.
     *
     * @return lines that each end with a line feed
     */
    public String render() {
        if (plugins.isEmpty()) {
            return "no plugins\n";
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("PLUGIN", "VERSION", "HOOK TYPES", "SINKS", "STATE", "PROBLEM"));
        for (Line line : plugins) {
            List<String> remarks = Stream.concat(
                            line.problems().stream(), line.warnings().stream().map(warning -> "warning: " + warning))
                    .toList();
            rows.add(List.of(
                    line.name(),
                    dashIfEmpty(line.version()),
                    dashIfEmpty(String.join(", ", line.hookTypes())),
                    dashIfEmpty(String.join(", ", line.sinks())),
                    switch (line.state()) {
                        case READY -> "ready";
                        case PARTLY -> "partly ready";
                        case FAILED -> "failed";
                    },
                    remarks.isEmpty() ? "" : remarks.getFirst()));
            remarks.stream().skip(1).forEach(remark -> rows.add(List.of("", "", "", "", "", remark)));
        }
        int[] widths = new int[5];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder table = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                text.append(row.get(i));
                if (i < widths.length) {
                    text.repeat(' ', widths[i] - row.get(i).length() + 2);
                }
            }
            table.append(text.toString().stripTrailing()).append('\n');
        }
        return table.toString();
    }

    private static String dashIfEmpty(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
