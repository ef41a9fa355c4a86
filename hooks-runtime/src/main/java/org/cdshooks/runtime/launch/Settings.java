package org.cdshooks.runtime.launch;

import static org.cdshooks.api.config.ConfigOption.bool;
import static org.cdshooks.api.config.ConfigOption.choice;
import static org.cdshooks.api.config.ConfigOption.integer;
import static org.cdshooks.api.config.ConfigOption.string;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.api.config.Secret;
import org.cdshooks.runtime.sink.Cidr;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.runtime.store.redis.RedisStores;
import org.cdshooks.runtime.task.Seal;
import org.jspecify.annotations.Nullable;

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
                            "Where the world reaches the service; webHookURL begins with it. Without it,"
                                    + " http://<http.host>:<http.port>.")
                    .where(Settings::isUrl, "must be an http or https URL such as https://hooks.example.org"),
            "https://hooks.example.org");
    static final SettingKey<Integer> HTTP_MAX_REQUESTS = SettingKey.of(integer(
                    "http.maxRequests",
                    "How many requests to endpoints of tasks are worked on at the same time; more are answered with"
                            + " 503.")
            .withDefault(1024)
            .where(n -> n >= 1, "must be at least 1"));
    static final SettingKey<Integer> HTTP_MAX_ADMIN_REQUESTS = SettingKey.of(integer(
                    "http.maxAdminRequests",
                    "How many requests to the API that change something are worked on at the same time, and how many"
                            + " that only read; more are answered with 503. Requests to endpoints of tasks do not"
                            + " count.")
            .withDefault(256)
            .where(n -> n >= 1, "must be at least 1"));
    static final SettingKey<Integer> HTTP_MAX_CONNECTIONS = SettingKey.of(integer(
                    "http.maxConnections",
                    "How many connections are open at the same time. One more takes the place of a connection that"
                            + " waits for a request; if none waits, the new one is answered with 503.")
            .withDefault(4096)
            .where(n -> n >= 1, "must be at least 1"));
    static final SettingKey<Integer> HTTP_RATE_PER_PEER = SettingKey.of(integer(
                    "http.ratePerPeer",
                    "How many requests a second one peer may send; more are answered with 429. 0 for any number. An IPv6"
                            + " network of 64 bits is one peer.")
            .withDefault(0)
            .where(n -> n >= 0, "must be 0 or more"));
    static final SettingKey<String> HTTP_TRUSTED_PROXIES = new SettingKey<>(
            string(
                            "http.trustedProxies",
                            "Networks (CIDR, comma-separated or a list) of the proxies in front of the service. Only they are"
                                    + " believed when they say in Forwarded or X-Forwarded-For whom a request comes from.")
                    .withDefault("")
                    .where(Settings::areNetworks, "must be networks such as 10.0.0.0/8 or fd00::/8, or addresses"),
            "10.1.0.0/16, 127.0.0.1/32");
    static final SettingKey<String> STORE_TYPE = SettingKey.of(choice(
                    "store.type",
                    "Where tasks and executions are: on this machine's disk, in a Redis that many nodes share, or in"
                            + " memory only, for trials.",
                    "local",
                    "redis",
                    "memory")
            .withDefault("local"));
    static final SettingKey<String> REDIS_URL = new SettingKey<>(
            string(
                            "store.redis.url",
                            "Where Redis is, for store.type redis: redis://host:port/db, rediss:// with TLS,"
                                    + " redis-sentinel://host:port,host:port#master, redis-cluster://host:port,host:port;"
                                    + " or host:port and master@host:port,host:port as CDS writes them. A login may stand"
                                    + " in it (user:password@), or in the keys below.")
                    .withDefault("redis://127.0.0.1:6379"),
            "redis-sentinel://s1:26379,s2:26379,s3:26379#hooks");
    static final SettingKey<String> REDIS_USERNAME =
            SettingKey.of(string("store.redis.username", "The name of Redis's ACL user; without it, the default user.")
                    .withDefault(""));
    static final SettingKey<Secret> REDIS_PASSWORD =
            SettingKey.of(ConfigOption.secret("store.redis.password", "The password of Redis. Never shown."));
    static final SettingKey<String> REDIS_PASSWORD_FILE = new SettingKey<>(
            string("store.redis.passwordFile", "A file that holds the password of Redis and nothing else.")
                    .withDefault(""),
            "/run/secrets/redis");
    static final SettingKey<String> REDIS_CERTIFICATES = new SettingKey<>(
            string(
                            "store.redis.certificates",
                            "A file with the certificates (PEM) that are trusted for rediss://; without it, those that"
                                    + " Java trusts. The certificate must be of the host in the URL.")
                    .withDefault(""),
            "/etc/hooks/redis-ca.pem");
    static final SettingKey<String> REDIS_PREFIX = SettingKey.of(string(
                    "store.redis.prefix",
                    "What all keys in Redis begin with. CDS's own service has hooks; on a Cluster it must hold a hash"
                            + " tag, such as {hooks}.")
            .withDefault("hooks"));
    static final SettingKey<Integer> REDIS_WAIT = SettingKey.of(integer(
                    "store.redis.wait",
                    "How many replicas of Redis must have what is acknowledged, so that a fail-over loses nothing; 0"
                            + " does not wait.")
            .withDefault(0)
            .where(n -> n >= 0 && n <= 100, "must be 0 to 100"));
    static final SettingKey<Duration> REDIS_WAIT_TIMEOUT = SettingKey.of(ConfigOption.duration(
                    "store.redis.waitTimeout",
                    "How long they may take; after that the answer is 503, and the sender tries again.")
            .withDefault(Duration.ofMillis(100))
            .where(
                    timeout -> timeout.toMillis() >= 1 && timeout.compareTo(Duration.ofSeconds(1)) <= 0,
                    "must be 1ms to 1s"));
    static final SettingKey<Secret> SECRETS_KEY = SettingKey.of(ConfigOption.secret(
                    "secrets.key",
                    "The key that encrypts the secrets of tasks in the store: 32 bytes in Base64 or hex, such as from"
                            + " 'openssl rand -base64 32'. Of several, parted by commas, the first one encrypts and all"
                            + " decrypt. Without it, the local store makes one, data.dir/secrets.key; in Redis secrets are"
                            + " stored in clear, as CDS's own service does. All nodes on one Redis need the same. Never"
                            + " shown.")
            .where(Settings::areKeys, "must be keys of 32 bytes in Base64 or hex, parted by commas"));
    static final SettingKey<String> SECRETS_KEY_FILE = new SettingKey<>(
            string("secrets.keyFile", "A file that holds what secrets.key would say, one key a line, and nothing else.")
                    .withDefault(""),
            "/run/secrets/hooks-keys");
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
                            "Networks (CIDR, comma-separated or a list) that the http sink may reach although they are"
                                    + " private, loopback or link-local.")
                    .withDefault(""),
            "10.1.0.0/16, 127.0.0.1/32");
    static final SettingKey<String> CDS_API_URL = new SettingKey<>(
            string(
                            "cds.api.url",
                            "Where the CDS API is. With it the service registers there, synchronises its tasks, and"
                                    + " starts workflows.")
                    .where(Settings::isUrl, "must be an http or https URL such as https://cds-api.example.org"),
            "https://cds-api.example.org");
    static final SettingKey<Secret> CDS_API_TOKEN = SettingKey.of(
            ConfigOption.secret("cds.api.token", "A token of the group shared.infra, to register with. Never shown."));
    static final SettingKey<String> CDS_API_TOKEN_FILE = new SettingKey<>(
            string("cds.api.tokenFile", "A file that holds that token and nothing else."), "/run/secrets/cds-token");
    static final SettingKey<Boolean> CDS_API_INSECURE =
            SettingKey.of(bool("cds.api.insecure", "Whether the certificate of the CDS API is not checked.")
                    .withDefault(false));
    static final SettingKey<Duration> CDS_API_TIMEOUT =
            SettingKey.of(ConfigOption.duration("cds.api.requestTimeout", "How long one call of the CDS API may take.")
                    .withDefault(Duration.ofSeconds(60))
                    .where(
                            timeout -> timeout.toMillis() >= 1 && timeout.compareTo(Duration.ofMinutes(10)) <= 0,
                            "must be 1ms to 10m"));
    static final SettingKey<Integer> CDS_MAX_FAILURES = SettingKey.of(integer(
                    "cds.api.maxHeartbeatFailures",
                    "How many heartbeats in a row may fail before /mon/status calls that an alert. The service stays"
                            + " up.")
            .withDefault(10)
            .where(n -> n >= 0, "must not be negative"));
    static final SettingKey<Duration> CDS_HEARTBEAT = SettingKey.of(ConfigOption.duration(
                    "cds.heartbeat",
                    "How often the service tells the CDS API that it is there. The API forgets those that it has not"
                            + " heard of for 3 minutes.")
            .withDefault(Duration.ofSeconds(30))
            .where(
                    every -> every.toMillis() >= 100 && every.compareTo(Duration.ofMinutes(2)) <= 0,
                    "must be 100ms to 2m"));
    static final SettingKey<String> CDS_NAME = SettingKey.of(string(
                    "cds.name",
                    "The name that the service registers under; the CDS API gives services of one name one service"
                            + " hash.")
            .withDefault("hooks"));
    static final SettingKey<String> CDS_URL = new SettingKey<>(
            string("cds.url", "Where the CDS API reaches this service. Without it, urlPublic.")
                    .where(Settings::isUrl, "must be an http or https URL such as http://10.0.0.5:8083"),
            "http://10.0.0.5:8083");
    static final SettingKey<Duration> CDS_SYNC_EVERY = SettingKey.of(
            ConfigOption.duration("cds.sync.every", "How often the tasks are compared with the hooks of the CDS API.")
                    .withDefault(Duration.ofHours(1))
                    .where(every -> every.toSeconds() >= 1, "must be at least 1s"));
    static final SettingKey<Integer> CDS_SYNC_MAX_DELETE = SettingKey.of(integer(
                    "cds.sync.maxDelete",
                    "How many per cent of the tasks one synchronisation may remove; 5 tasks may always be removed."
                            + " More are suspended until POST /admin/sync?force=true.")
            .withDefault(50)
            .where(n -> n >= 0 && n <= 100, "must be 0 to 100"));
    static final SettingKey<Integer> RETRY_DELAY = SettingKey.of(integer(
                    "retryDelay",
                    "Seconds before the second attempt; doubles with each further one, half of it random. Tasks may"
                            + " set their own.")
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
    static final SettingKey<Boolean> QUARANTINE = SettingKey.of(ConfigOption.bool(
                    "quarantine.enabled",
                    "Whether requests that a task refuses as not verified are kept, so that they can be let in later.")
            .withDefault(true));
    static final SettingKey<Duration> STOP_GRACE = SettingKey.of(ConfigOption.duration(
                    "stopGrace",
                    "How long a stop waits for what is running; what has not ended then runs again after the next"
                            + " start.")
            .withDefault(Duration.ofSeconds(30))
            .where(grace -> !grace.isNegative(), "must not be negative"));
    static final SettingKey<Duration> STOP_ANNOUNCE = SettingKey.of(ConfigOption.duration(
                    "stopAnnounce",
                    "How long a stop is announced before it begins: /health/ready answers 503, so that load balancers"
                            + " send nothing more, and all else is served as always.")
            .withDefault(Duration.ZERO)
            .where(time -> !time.isNegative(), "must not be negative"));
    static final SettingKey<String> LOG_LEVEL = SettingKey.of(choice(
                    "log.level",
                    "What is logged, on standard error. Libraries that would print what they send and receive never"
                            + " log below info.",
                    "error",
                    "warn",
                    "info",
                    "debug",
                    "trace")
            .withDefault("info"));
    static final SettingKey<String> LOG_FORMAT = SettingKey.of(
            choice("log.format", "How it is logged.", "text", "json").withDefault("text"));
    static final SettingKey<Boolean> START_CACHE = SettingKey.of(bool(
                    "startCache",
                    "Whether serve, once it is up, makes a start-up cache beside its libraries if there is none for"
                            + " this Java: it takes some 15 seconds of one core, once, and halves the time of later"
                            + " starts.")
            .withDefault(true));

    static final List<SettingKey<?>> KEYS = List.of(
            HTTP_HOST,
            HTTP_PORT,
            URL_PUBLIC,
            HTTP_MAX_REQUESTS,
            HTTP_MAX_ADMIN_REQUESTS,
            HTTP_MAX_CONNECTIONS,
            HTTP_RATE_PER_PEER,
            HTTP_TRUSTED_PROXIES,
            STORE_TYPE,
            REDIS_URL,
            REDIS_USERNAME,
            REDIS_PASSWORD,
            REDIS_PASSWORD_FILE,
            REDIS_CERTIFICATES,
            REDIS_PREFIX,
            REDIS_WAIT,
            REDIS_WAIT_TIMEOUT,
            SECRETS_KEY,
            SECRETS_KEY_FILE,
            DATA_DIR,
            PLUGINS_DIR,
            SINK_HTTP_ALLOW,
            CDS_API_URL,
            CDS_API_TOKEN,
            CDS_API_TOKEN_FILE,
            CDS_API_INSECURE,
            CDS_API_TIMEOUT,
            CDS_MAX_FAILURES,
            CDS_HEARTBEAT,
            CDS_NAME,
            CDS_URL,
            CDS_SYNC_EVERY,
            CDS_SYNC_MAX_DELETE,
            RETRY_DELAY,
            RETRY_ERROR,
            EXECUTION_HISTORY,
            FAILED_HISTORY,
            WORKERS,
            WORKERS_PER_TASK,
            MAX_UNFINISHED,
            QUARANTINE,
            STOP_ANNOUNCE,
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

    <T> Optional<T> find(SettingKey<T> key) {
        return values.find(key.option());
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

    /** Says that others are given an address that only this machine reaches; empty if they are not. */
    Optional<String> unreachable(int port) {
        boolean isGuessed = values.find(URL_PUBLIC.option()).isEmpty();
        String host = get(HTTP_HOST);
        if (!isGuessed || !(host.equals("0.0.0.0") || host.equals("::"))) {
            return Optional.empty();
        }
        boolean isCallback = find(CDS_API_URL).isPresent() && find(CDS_URL).isEmpty();
        return Optional.of("urlPublic is not set, so webHookURL begins with " + urlPublic(port)
                + ", which only this machine reaches"
                + (isCallback ? ", and the CDS API is told to call this service there" : "")
                + ". Set urlPublic to the address that senders use, such as https://hooks.example.org"
                + (isCallback ? ", and cds.url if the CDS API reaches this service at another one" : ""));
    }

    List<Cidr> allowedNetworks() {
        return networks(get(SINK_HTTP_ALLOW));
    }

    List<Cidr> trustedProxies() {
        return networks(get(HTTP_TRUSTED_PROXIES));
    }

    private static boolean areNetworks(String text) {
        try {
            networks(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static List<Cidr> networks(String text) {
        return Arrays.stream(text.split(","))
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

    boolean isOnRedis() {
        return get(STORE_TYPE).equals("redis");
    }

    /**
     * Returns how to reach Redis.
     *
     * @throws InvalidConfigException if it can't be said, with the key that is wrong
     */
    RedisOptions redis() {
        String url = get(REDIS_URL);
        Optional<Path> passwordFile = file(get(REDIS_PASSWORD_FILE));
        Optional<String> password = values.find(REDIS_PASSWORD.option()).map(Secret::reveal);
        if (password.isPresent() && passwordFile.isPresent()) {
            throw problem(REDIS_PASSWORD_FILE, "and store.redis.password both say the password; one of them must go");
        }
        if (passwordFile.isPresent()) {
            try {
                password = Optional.of(Files.readString(passwordFile.get()).strip());
            } catch (IOException e) {
                throw problem(REDIS_PASSWORD_FILE, "'" + passwordFile.get() + "' can't be read: " + e.getMessage());
            }
        }
        Optional<Path> certificates = file(get(REDIS_CERTIFICATES));
        if (certificates.isPresent() && !Files.isReadable(certificates.get())) {
            throw problem(REDIS_CERTIFICATES, "'" + certificates.get() + "' can't be read");
        }
        RedisOptions options = new RedisOptions(
                        url,
                        Optional.of(get(REDIS_USERNAME)).filter(name -> !name.isEmpty()),
                        password,
                        certificates,
                        get(REDIS_PREFIX),
                        get(REDIS_WAIT),
                        get(REDIS_WAIT_TIMEOUT))
                .attempts(get(RETRY_ERROR));
        try {
            RedisStores.checkPrefix(options);
        } catch (IllegalArgumentException e) {
            throw problem(REDIS_PREFIX, e.getMessage());
        }
        try {
            RedisStores.checkAddress(options);
        } catch (IllegalArgumentException e) {
            throw problem(REDIS_URL, e.getMessage());
        }
        return options;
    }

    /**
     * Returns the configured keys that encrypt secrets of tasks, the first one of which does.
     *
     * @return the keys; none if none is configured
     * @throws InvalidConfigException if they can't be read, with the key of the setting that is wrong
     */
    List<byte[]> secretsKeys() {
        Optional<String> keys = values.find(SECRETS_KEY.option()).map(Secret::reveal);
        Optional<Path> keyFile = file(get(SECRETS_KEY_FILE));
        if (keys.isPresent() && keyFile.isPresent()) {
            throw problem(SECRETS_KEY_FILE, "and secrets.key both say the keys; one of them must go");
        }
        if (keyFile.isEmpty()) {
            return keys.map(SecretsKeys::parse).orElse(List.of());
        }
        try {
            return SecretsKeys.parse(Files.readString(keyFile.get()));
        } catch (IOException e) {
            throw problem(SECRETS_KEY_FILE, "'" + keyFile.get() + "' can't be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw problem(SECRETS_KEY_FILE, "'" + keyFile.get() + "' " + e.getMessage());
        }
    }

    private static boolean areKeys(Secret keys) {
        try {
            return !SecretsKeys.parse(keys.reveal()).isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns what encrypts secrets in the local store, with a key that is made if there is none. */
    Seal localSeal() throws IOException {
        return SecretsKeys.ofDirectory(secretsKeys(), dataDir());
    }

    /** Returns what encrypts secrets in Redis. */
    Seal redisSeal() {
        return Seal.of(secretsKeys());
    }

    private static Optional<Path> file(String path) {
        return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
    }

    private static InvalidConfigException problem(SettingKey<?> key, @Nullable String words) {
        return new InvalidConfigException(List.of(new ConfigProblem(key.name(), String.valueOf(words))));
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
