package org.cdshooks.runtime.launch;

import static org.cdshooks.api.config.ConfigOption.bool;
import static org.cdshooks.api.config.ConfigOption.choice;
import static org.cdshooks.api.config.ConfigOption.integer;
import static org.cdshooks.api.config.ConfigOption.string;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.runtime.sink.Cidr;

/** The effective configuration of one node: all keys in one place, each with its value and where that came from. */
final class Settings {
    /** Values of options that tasks do not give: {@code defaults.numbers: go}. The rest of the key is the option's name. */
    static final String DEFAULTS_PREFIX = "defaults.";

    static final SettingKey<String> HTTP_HOST = SettingKey.of(string(
                    "http.host",
                    "The address to listen on; 0.0.0.0 for all. The default is reached from this machine only.")
            .withDefault("127.0.0.1"));
    static final SettingKey<Integer> HTTP_PORT =
            SettingKey.of(integer("http.port", "The port to listen on; 0 takes a free one.")
                    .withDefault(8083)
                    .where(port -> port >= 0 && port <= 65535, "must be 0 to 65535"));
    static final SettingKey<String> URL_PUBLIC = new SettingKey<>(
            string(
                            "urlPublic",
                            "Where the world reaches the service; webHookURL begins with it. Without it, http://<http.host>:<http.port>.")
                    .where(Settings::isUrl, "must be an http or https URL such as https://hooks.example.org"),
            "https://hooks.example.org");
    static final SettingKey<Integer> HTTP_MAX_REQUESTS = SettingKey.of(
            integer("http.maxRequests", "How many requests are served at the same time; more are answered with 503.")
                    .withDefault(1024)
                    .where(n -> n >= 1, "must be at least 1"));
    static final SettingKey<Integer> HTTP_MAX_CONNECTIONS = SettingKey.of(integer(
                    "http.maxConnections",
                    "How many connections are open at the same time; more are answered with 503, or wait.")
            .withDefault(4096)
            .where(n -> n >= 1, "must be at least 1"));
    static final SettingKey<String> STORE_TYPE = SettingKey.of(choice(
                    "store.type",
                    "Where tasks and executions are: on disk, or in memory only, for trials.",
                    "local",
                    "memory")
            .withDefault("local"));
    static final SettingKey<String> DATA_DIR = SettingKey.of(string(
                    "data.dir",
                    "The directory of the local store and of the service hash; relative to the service's home.")
            .withDefault("data"));
    static final SettingKey<String> PLUGINS_DIR =
            SettingKey.of(string("plugins.dir", "The directory of the plugins; relative to the service's home.")
                    .withDefault("plugins"));
    static final SettingKey<String> SINK_HTTP_ALLOW = new SettingKey<>(
            string(
                            "sink.http.allow",
                            "Networks (CIDR, comma-separated or a list) that the http sink may reach although they are private, loopback or link-local.")
                    .withDefault(""),
            "10.1.0.0/16, 127.0.0.1/32");
    static final SettingKey<Integer> RETRY_DELAY = SettingKey.of(integer(
                    "retryDelay",
                    "Seconds before the second attempt; doubles with each further one, half of it random. Tasks may set their own.")
            .withDefault(120)
            .where(n -> n >= 1 && n <= 86_400, "must be 1 to 86400"));
    static final SettingKey<Integer> RETRY_ERROR = SettingKey.of(
            integer("retryError", "How many attempts an execution has before it is FAILED. Tasks may set their own.")
                    .withDefault(3)
                    .where(n -> n >= 1 && n <= 1000, "must be 1 to 1000"));
    static final SettingKey<Integer> EXECUTION_HISTORY = SettingKey.of(
            integer("executionHistory", "How many finished executions of a task are kept. Tasks may set their own.")
                    .withDefault(10)
                    .where(n -> n >= 0 && n <= 100_000, "must be 0 to 100000"));
    static final SettingKey<Integer> FAILED_HISTORY = SettingKey.of(integer(
                    "failedHistory",
                    "How many FAILED executions of a task are kept for replay, beside executionHistory.")
            .withDefault(100)
            .where(n -> n >= 0 && n <= 100_000, "must be 0 to 100000"));
    static final SettingKey<Integer> WORKERS =
            SettingKey.of(integer("workers", "How many executions are worked on at the same time.")
                    .withDefault(256)
                    .where(n -> n >= 1 && n <= 10_000, "must be 1 to 10000"));
    static final SettingKey<Integer> WORKERS_PER_TASK = SettingKey.of(integer(
                    "workersPerTask",
                    "How many of them may be of one task, so that a slow target does not slow the others.")
            .withDefault(16)
            .where(n -> n >= 1 && n <= 10_000, "must be 1 to 10000"));
    static final SettingKey<Integer> MAX_UNFINISHED = SettingKey.of(integer(
                    "maxUnfinished",
                    "How many unfinished executions a task may have; more requests are answered with 503.")
            .withDefault(200_000)
            .where(n -> n >= 1, "must be at least 1"));
    static final SettingKey<Duration> STOP_GRACE = SettingKey.of(ConfigOption.duration(
                    "stopGrace",
                    "How long a stop waits for what is running; what has not ended then runs again after the next start.")
            .withDefault(Duration.ofSeconds(30))
            .where(grace -> !grace.isNegative(), "must not be negative"));
    static final SettingKey<String> LOG_LEVEL = SettingKey.of(
            choice("log.level", "What is logged, on standard error.", "error", "warn", "info", "debug", "trace")
                    .withDefault("info"));
    static final SettingKey<String> LOG_FORMAT = SettingKey.of(
            choice("log.format", "How it is logged.", "text", "json").withDefault("text"));
    static final SettingKey<Boolean> START_CACHE = SettingKey.of(bool(
                    "startCache",
                    "Whether serve, once it is up, makes a start-up cache beside its libraries if there is none for this Java: it takes some 15 seconds of one core, once, and halves the time of later starts.")
            .withDefault(true));

    static final List<SettingKey<?>> KEYS = List.of(
            HTTP_HOST,
            HTTP_PORT,
            URL_PUBLIC,
            HTTP_MAX_REQUESTS,
            HTTP_MAX_CONNECTIONS,
            STORE_TYPE,
            DATA_DIR,
            PLUGINS_DIR,
            SINK_HTTP_ALLOW,
            RETRY_DELAY,
            RETRY_ERROR,
            EXECUTION_HISTORY,
            FAILED_HISTORY,
            WORKERS,
            WORKERS_PER_TASK,
            MAX_UNFINISHED,
            STOP_GRACE,
            LOG_LEVEL,
            LOG_FORMAT,
            START_CACHE);

    /**
     * One effective value.
     *
     * @param key its key
     * @param value the value as text
     * @param origin where it came from: {@code default}, a file, a variable or an option
     */
    record Entry(String key, String value, String origin) {}

    private final HookConfig values;
    private final Map<String, String> defaults;
    private final List<Entry> entries;
    private final Path dataDir;
    private final Path pluginsDir;

    Settings(HookConfig values, Map<String, String> defaults, List<Entry> entries, Path dataDir, Path pluginsDir) {
        this.values = values;
        this.defaults = new TreeMap<>(defaults);
        this.entries = List.copyOf(entries);
        this.dataDir = dataDir;
        this.pluginsDir = pluginsDir;
    }

    <T> T get(SettingKey<T> key) {
        return values.get(key.option());
    }

    /** Where the world reaches the service, without a slash at the end, once the port is known. */
    URI urlPublic(int port) {
        String host = get(HTTP_HOST);
        String reachable = host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
        String url = values.find(URL_PUBLIC.option())
                .orElseGet(
                        () -> "http://" + (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":" + port);
        return URI.create(url.replaceAll("/+$", ""));
    }

    List<Cidr> allowedNetworks() {
        return Arrays.stream(get(SINK_HTTP_ALLOW).split(","))
                .map(String::strip)
                .filter(network -> !network.isEmpty())
                .map(Cidr::parse)
                .toList();
    }

    /** Option name to value, for options that tasks do not give. */
    Map<String, String> defaults() {
        return defaults;
    }

    List<Entry> entries() {
        return entries;
    }

    Path dataDir() {
        return dataDir;
    }

    Path pluginsDir() {
        return pluginsDir;
    }

    private static boolean isUrl(String text) {
        try {
            URI uri = new URI(text);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
