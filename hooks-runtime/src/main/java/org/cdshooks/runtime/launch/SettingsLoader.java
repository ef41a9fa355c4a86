package org.cdshooks.runtime.launch;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.api.config.Names;
import org.cdshooks.api.config.Secret;
import org.cdshooks.runtime.sink.Cidr;
import org.cdshooks.runtime.store.redis.RedisStores;

/**
 * Reads the configuration: defaults, then the file, then the environment, then the command line; the later wins. Relative
 * paths in the file and the defaults start at the service's base directory, those from the environment and the command
 * line at the working directory, as a shell's user expects.
 */
final class SettingsLoader {
    private static final List<String> NOT_OURS = List.of(
            // of the launcher scripts
            "HOOKS_JDK", "HOOKS_JAVA_OPTS", "HOOKS_HEAP", "HOOKS_AOT", "HOOKS_BASE", "HOOKS_JIT_LEVEL");

    private final Path base;
    private final Path home;
    private final Map<String, String> environment;
    private final Consumer<String> warnings;

    /**
     * Makes a loader.
     *
     * @param home where the distribution is: conf/, lib/, plugins/
     * @param base where data/ is unless configured
     * @param environment the environment's variables
     * @param warnings takes what is odd and no error
     */
    SettingsLoader(Path home, Path base, Map<String, String> environment, Consumer<String> warnings) {
        this.home = home;
        this.base = base;
        this.environment = environment;
        this.warnings = warnings;
    }

    /** One value as it was written. */
    private record Raw(String value, String origin, boolean fromShell) {}

    /**
     * Reads and checks everything.
     *
     * @param file the file that the command line names; without it conf/hooks.yaml is read if it is there
     * @param commandLine keys and values of options, with the option's name as origin
     * @return the settings
     * @throws InvalidConfigException with everything that is wrong
     */
    Settings load(Optional<Path> file, Map<String, Map.Entry<String, String>> commandLine) {
        Map<String, Raw> raw = new TreeMap<>();
        List<ConfigProblem> problems = new ArrayList<>();
        readFile(file, raw, problems);
        understandCds(raw, problems);
        readCdsEnvironment(raw);
        readEnvironment(raw);
        commandLine.forEach((key, value) -> raw.put(key, new Raw(value.getValue(), value.getKey(), true)));

        ConfigDef def =
                ConfigDef.of(Settings.KEYS.stream().map(SettingKey::option).toArray(ConfigOption<?>[]::new));
        Map<String, String> known = new HashMap<>();
        Map<String, String> defaults = new TreeMap<>();
        raw.forEach((key, value) -> {
            if (key.startsWith(Settings.DEFAULTS_PREFIX)) {
                defaults.put(key.substring(Settings.DEFAULTS_PREFIX.length()), value.value());
            } else if (def.option(key).isPresent()) {
                known.put(key, value.value());
            } else {
                problems.add(new ConfigProblem(
                        key, "is no key of the configuration" + didYouMean(key) + " (" + value.origin() + ")"));
            }
        });
        checkNetworks(known.getOrDefault(Settings.SINK_HTTP_ALLOW.name(), ""), problems);
        try {
            HookConfig values = def.parse(known);
            if (problems.isEmpty()) {
                Settings settings = new Settings(
                        values,
                        defaults,
                        entries(raw, def),
                        path(Settings.DATA_DIR, raw, base),
                        path(Settings.PLUGINS_DIR, raw, home));
                if (settings.isOnRedis()) {
                    settings.redis();
                }
                return settings;
            }
        } catch (InvalidConfigException e) {
            e.problems()
                    .forEach(problem -> problems.add(
                            new ConfigProblem(problem.option(), problem.message() + origin(raw, problem.option()))));
        }
        throw new InvalidConfigException(problems);
    }

    private static String origin(Map<String, Raw> raw, String key) {
        Raw value = raw.get(key);
        return value == null ? "" : " (" + value.origin() + ")";
    }

    private static String didYouMean(String key) {
        return Names.nearest(key, Settings.KEYS.stream().map(SettingKey::name).toList())
                .map(near -> "; did you mean '" + near + "'?")
                .orElse("; `hooks config --reference` lists them");
    }

    private static void checkNetworks(String networks, List<ConfigProblem> problems) {
        for (String network : networks.split(",")) {
            if (!network.isBlank()) {
                try {
                    Cidr.parse(network.strip());
                } catch (IllegalArgumentException e) {
                    problems.add(new ConfigProblem(Settings.SINK_HTTP_ALLOW.name(), String.valueOf(e.getMessage())));
                }
            }
        }
    }

    private static Path path(SettingKey<String> key, Map<String, Raw> raw, Path start) {
        Raw value = raw.get(key.name());
        if (value == null) {
            return start.resolve(key.option().defaultValue().orElseThrow())
                    .toAbsolutePath()
                    .normalize();
        }
        Path path = Path.of(value.value());
        return (value.fromShell() ? path : start.resolve(path)).toAbsolutePath().normalize();
    }

    private static List<Settings.Entry> entries(Map<String, Raw> raw, ConfigDef def) {
        Map<String, Settings.Entry> entries = new LinkedHashMap<>();
        for (ConfigOption<?> option : def.options()) {
            Raw value = raw.get(option.name());
            String shown = value == null
                    ? option.defaultValue().map(String::valueOf).orElse("")
                    : option.kind() == ConfigOption.Kind.SECRET
                            ? Secret.of("").toString()
                            : RedisStores.withoutSecrets(value.value());
            entries.put(
                    option.name(),
                    new Settings.Entry(option.name(), shown, value == null ? "default" : value.origin()));
        }
        raw.forEach((key, value) -> entries.putIfAbsent(
                key,
                new Settings.Entry(
                        key,
                        Secret.of("").toString(), // which defaults are secrets, only the plugins tell
                        value.origin())));
        return List.copyOf(entries.values());
    }

    // ------------------------------------------------------------------------------------------------ sources

    /** Takes keys that CDS's own service has for ours, where the file says nothing under ours. */
    private void understandCds(Map<String, Raw> raw, List<ConfigProblem> problems) {
        new TreeMap<>(raw).forEach((key, value) -> {
            boolean ours = Settings.KEYS.stream().anyMatch(known -> known.name().equals(key));
            Optional<CdsKeys.Meaning> meaning = ours ? Optional.empty() : CdsKeys.ofKey(key);
            if (meaning.isPresent()) {
                raw.remove(key);
                take(key, meaning.get(), value, raw, problems);
            }
        });
    }

    private void readCdsEnvironment(Map<String, Raw> raw) {
        new TreeMap<>(environment).forEach((variable, value) -> {
            if (!CdsKeys.isVariable(variable)) {
                return;
            }
            Raw read = new Raw(value, "environment variable " + variable, true);
            CdsKeys.ofVariable(variable)
                    .ifPresentOrElse(
                            meaning -> {
                                if (meaning instanceof CdsKeys.Meaning.Ours(String key)) {
                                    raw.remove(key); // the environment is stronger than the file
                                }
                                take(variable, meaning, read, raw, new ArrayList<>());
                            },
                            () -> warnings.accept("environment variable " + variable
                                    + " is none that CDS's hooks service has, and is ignored"));
        });
    }

    private void take(
            String said, CdsKeys.Meaning meaning, Raw value, Map<String, Raw> raw, List<ConfigProblem> problems) {
        switch (meaning) {
            case CdsKeys.Meaning.Nothing nothing -> {
                if (nothing.isAskedFor(value.value())) {
                    warnings.accept(said + " " + nothing.why() + " (" + value.origin() + ")");
                }
            }
            case CdsKeys.Meaning.Ours(String key) -> {
                Raw before = raw.putIfAbsent(key, value);
                if (before != null && !before.value().equals(value.value())) {
                    problems.add(new ConfigProblem(
                            said,
                            "and " + key + " are the same key with two values; one of them must go (" + value.origin()
                                    + ")"));
                }
                if (key.equals(Settings.REDIS_URL.name())) { // CDS has no other store
                    raw.putIfAbsent(Settings.STORE_TYPE.name(), new Raw("redis", value.origin(), value.fromShell()));
                }
            }
        }
    }

    private void readEnvironment(Map<String, Raw> raw) {
        Map<String, String> keys = new HashMap<>();
        Settings.KEYS.forEach(key -> keys.put(key.environmentName(), key.name()));
        environment.forEach((variable, value) -> {
            if (!variable.startsWith("HOOKS_") || NOT_OURS.contains(variable)) {
                return;
            }
            String key = keys.get(variable);
            if (key != null) {
                raw.put(key, new Raw(value, "environment variable " + variable, true));
            } else if (variable.startsWith("HOOKS_DEFAULTS_")) {
                String option = variable.substring("HOOKS_DEFAULTS_".length()).toLowerCase(java.util.Locale.ROOT);
                raw.put(Settings.DEFAULTS_PREFIX + option, new Raw(value, "environment variable " + variable, true));
            } else {
                // No error: an orchestrator that runs a service named "hooks" sets variables of such names by itself.
                warnings.accept("environment variable " + variable + " is no key of the configuration and is ignored"
                        + Names.nearest(variable, keys.keySet())
                                .map(near -> "; did you mean " + near + "?")
                                .orElse(""));
            }
        });
    }

    private void readFile(Optional<Path> named, Map<String, Raw> raw, List<ConfigProblem> problems) {
        Path file = named.orElse(home.resolve("conf").resolve("hooks.yaml"));
        if (named.isEmpty() && !Files.exists(file)) {
            return;
        }
        JsonNode root;
        try {
            root = new ObjectMapper(new YAMLFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION))
                    .readTree(Files.readString(file));
        } catch (JacksonException e) {
            throw problem("file " + file + " is no YAML that can be read: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw problem("file " + file + " can't be read: " + e.getMessage());
        }
        if (root == null || root.isNull() || root.isMissingNode()) {
            return;
        }
        if (!root.isObject()) {
            throw problem("file " + file + " must hold keys and values, such as `http.port: 8083`");
        }
        flatten("", root, file, raw, problems);
    }

    /** Both ways of writing are understood: {@code http.port: 8083} and {@code http: {port: 8083}}. */
    private static void flatten(
            String prefix, JsonNode node, Path file, Map<String, Raw> raw, List<ConfigProblem> problems) {
        node.properties().forEach(field -> {
            String key = prefix + field.getKey();
            JsonNode value = field.getValue();
            switch (value.getNodeType()) {
                case OBJECT -> flatten(key + ".", value, file, raw, problems);
                case NULL, MISSING -> {} // a key without a value, as in a file of comments, says nothing
                case ARRAY -> {
                    StringJoiner all = new StringJoiner(",");
                    value.forEach(element -> all.add(element.asText()));
                    put(key, all.toString(), file, raw, problems);
                }
                case STRING, NUMBER, BOOLEAN, BINARY, POJO -> put(key, value.asText(), file, raw, problems);
            }
        });
    }

    /** {@code http.port: 1} and {@code http: {port: 2}} are one key. */
    private static void put(String key, String value, Path file, Map<String, Raw> raw, List<ConfigProblem> problems) {
        Raw before = raw.put(key, new Raw(value, "file " + file, false));
        if (before != null) {
            problems.add(new ConfigProblem(
                    key, "is given twice, once with dots and once nested; one of them must go (file " + file + ")"));
        }
    }

    private static InvalidConfigException problem(String message) {
        return new InvalidConfigException(List.of(new ConfigProblem("--config", message)));
    }
}
