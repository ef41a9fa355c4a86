package org.cdshooks.runtime.plugin;

import java.util.List;

/**
 * What became of each plugin that was found. Shown in the log, in {@code GET /plugins} and by {@code bin/hooks plugins}.
 *
 * @param plugins one line a plugin, in the order of their names
 */
public record PluginReport(List<Line> plugins) {
    /** Copies the list. */
    public PluginReport {
        plugins = List.copyOf(plugins);
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
    }
}
