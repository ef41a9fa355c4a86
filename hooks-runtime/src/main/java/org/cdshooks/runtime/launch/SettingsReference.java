package org.cdshooks.runtime.launch;

import org.cdshooks.api.config.ConfigOption;

/** Writes the reference of the configuration, so that the document can't differ from the code. */
final class SettingsReference {
    private SettingsReference() {}

    static String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("""
                # Configuration

                <!-- Made by `bin/hooks config --reference`; a test compares it with the code. -->

                Each key is read from, the later winning: its default, the file (`--config FILE`, else `conf/hooks.yaml`),
                the environment variable, the command line. `bin/hooks config` prints what is in force and where it came from.
                An unknown key stops the start. In the file, `http.port: 8083` and `http: {port: 8083}` say the same.

                | key | environment variable | default | what |
                |---|---|---|---|
                """);
        for (SettingKey<?> key : Settings.KEYS) {
            ConfigOption<?> option = key.option();
            text.append("| `")
                    .append(key.name())
                    .append("` | `")
                    .append(key.environmentName())
                    .append("` | ");
            text.append(option.defaultValue()
                    .map(String::valueOf)
                    .filter(value -> !value.isEmpty())
                    .map(value -> "`" + value + "`")
                    .orElse("–"));
            text.append(" | ").append(option.description().replace("|", "\\|"));
            if (!option.choices().isEmpty()) {
                text.append(" One of ")
                        .append(String.join(
                                ", ",
                                option.choices().stream()
                                        .map(c -> "`" + c + "`")
                                        .toList()))
                        .append('.');
            }
            if (!key.example().isEmpty()) {
                text.append(" Example: `").append(key.example()).append("`.");
            }
            text.append(" |\n");
        }
        text.append("""

                `defaults.<option>` (`HOOKS_DEFAULTS_<OPTION>`) sets a value for an option that tasks do not give, for every hook type
                that declares it: `defaults.numbers: go` makes integers in payloads come out as the original CDS service writes them.
                In the environment, dots are underscores and letters are capital: `HOOKS_DEFAULTS_FILTER_SKIPCI` sets `filter.skipCi`. A name that
                no hook type, no sink and not the service declares has no effect, and the log says so at the start. `hooks config` shows the value
                of a default only if a plugin declares the option and the option is no secret.

                The launcher scripts know some variables more: `JAVA_HOME` (where Java 25 is, if it stands in no usual place),
                `HOOKS_JAVA_OPTS` (further options for the JVM), `HOOKS_HEAP` (largest heap, `256m`), `HOOKS_AOT=off` (start without the
                start-up cache).
                """);
        return text.toString();
    }
}
