package org.cdshooks.runtime.launch;

import java.util.Locale;
import org.cdshooks.api.config.ConfigOption;

/**
 * One key of the configuration.
 *
 * @param option its name, type, default and documentation
 * @param example a value for the reference; empty if the default says enough
 */
record SettingKey<T>(ConfigOption<T> option, String example) {

    static <T> SettingKey<T> of(ConfigOption<T> option) {
        return new SettingKey<>(option, "");
    }

    String name() {
        return option.name();
    }

    /** {@code http.port} is {@code HOOKS_HTTP_PORT} in the environment. */
    String environmentName() {
        return environmentName(option.name());
    }

    static String environmentName(String key) {
        return "HOOKS_" + key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
