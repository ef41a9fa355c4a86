package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cdshooks.runtime.cds.CdsService;
import org.cdshooks.runtime.engine.Engine;
import org.cdshooks.runtime.engine.EngineConfig;
import org.cdshooks.runtime.engine.EngineStatus;
import org.cdshooks.runtime.engine.TaskDefaults;
import org.cdshooks.runtime.http.CdsHookReader;
import org.cdshooks.runtime.http.HttpConfig;
import org.cdshooks.runtime.http.HttpLimits;
import org.cdshooks.runtime.http.HttpServer;
import org.cdshooks.runtime.http.HttpServices;
import org.cdshooks.runtime.http.StatusDocument;
import org.cdshooks.runtime.plugin.Loaded;
import org.cdshooks.runtime.plugin.PluginLoader;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.sink.Cidr;
import org.cdshooks.runtime.sink.SinkSettings;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalOptions;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.store.redis.RedisStores;
import org.cdshooks.runtime.task.Seal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service put together: the one place that makes the parts and hands them to each other. Started in order, stopped in
 * reverse.
 */
final class HooksServer {
    private static final Logger LOG = LoggerFactory.getLogger(HooksServer.class);
    /** How long requests that were let in before a stop may hold up the stop of what runs. */
    private static final Duration HTTP_GRACE = Duration.ofSeconds(5);

    /** How long answers may still take to be sent when nothing runs any more. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    private final Settings settings;
    private final TaskStore store;
    private final Engine engine;
    private final HttpServer http;
    private final Optional<CdsService> cds;

    private HooksServer(Settings settings, TaskStore store, Engine engine, HttpServer http, Optional<CdsService> cds) {
        this.settings = settings;
        this.store = store;
        this.engine = engine;
        this.http = http;
        this.cds = cds;
    }

    /**
     * Starts everything. When this returns, requests are answered.
     *
     * @param settings the configuration
     * @param clock the clock of the engine and the store
     * @return the running service
     * @throws IOException if the data directory can't be used
     */
    static HooksServer start(Settings settings, InstantSource clock) throws IOException {
        int port = probe(settings.get(Settings.HTTP_HOST), settings.get(Settings.HTTP_PORT));
        settings.unreachable(port).ifPresent(LOG::warn);
        String offered = ServiceHash.readOrCreate(settings.dataDir());
        Seal seal = seal(settings);
        Optional<CdsService> cds = CdsInstallation.of(settings, port).map(known -> new CdsService(known, clock));
        TaskStore store = openStore(settings, clock);
        GivenHash given = new GivenHash(settings.dataDir(), offered);
        Supplier<String> hash = cds.isPresent() ? given : new AgreedHash(store, settings.dataDir(), offered);
        try {
            PluginRegistry plugins = OptionsFile.compare(settings.dataDir(), PluginLoader.load(settings.pluginsDir()));
            Logging.quiet(plugins.report().quietLoggers());
            Engine engine = new Engine(
                    store,
                    plugins,
                    engineConfig(settings, settings.urlPublic(port), plugins),
                    clock,
                    hostServices(settings, cds),
                    seal);
            engine.startPlugins();
            if (!engine.status().sealed()) {
                LOG.warn("Secrets of tasks {}", EngineStatus.SECRETS_IN_CLEAR);
            }
            try {
                HttpConfig httpConfig = httpConfig(settings, port, hash);
                HttpServices httpServices = httpServices(engine, cds, clock);
                HttpServer http = HttpServer.start(httpConfig, httpServices);
                cds.ifPresent(member -> member.start(
                        engine.tasks(),
                        new CdsHookReader(httpServices.typeOfModel()),
                        () -> StatusDocument.json(
                                engine.status(), httpServices.more().get(), httpConfig, clock.instant()),
                        given));
                engine.resume(); // last, so that whatever the stored work does, somebody can see and stop it
                return new HooksServer(settings, store, engine, http, cds);
            } catch (RuntimeException e) {
                engine.stop(Duration.ZERO);
                throw AddressException.isCauseOf(e)
                        ? new AddressException(settings.get(Settings.HTTP_HOST), port, e)
                        : e;
            }
        } catch (RuntimeException | Error e) {
            cds.ifPresent(CdsService::close);
            store.close();
            throw e;
        }
    }

    /**
     * Stops. First the stop is announced, then new work is refused, and what runs gets its time; till the end probes and reads
     * are answered. Returns how many executions were cut short.
     */
    int stop() {
        http.announceStop();
        pause(settings.get(Settings.STOP_ANNOUNCE));
        Duration grace = settings.get(Settings.STOP_GRACE);
        long end = System.nanoTime() + grace.toNanos();
        http.refuseWork(shorter(grace, HTTP_GRACE));
        int interrupted = engine.stop(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        http.stop(LAST_ANSWERS);
        cds.ifPresent(CdsService::close); // what ran till now may have called the API
        store.close();
        return interrupted;
    }

    private static void pause(Duration time) {
        try {
            var _ = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    int port() {
        return http.port();
    }

    Engine engine() {
        return engine;
    }

    URI url() {
        return URI.create("http://" + settings.get(Settings.HTTP_HOST) + ":" + port());
    }

    /** What a person and a script wait for: one line with the address. */
    String readyLine() {
        String types =
                engine.plugins().hookTypes().stream().map(Loaded::name).sorted().collect(Collectors.joining(", "));
        String where = switch (settings.get(Settings.STORE_TYPE)) {
            case "memory" -> "memory only";
            case "redis" -> "Redis at " + RedisStores.withoutSecrets(settings.get(Settings.REDIS_URL));
            default -> settings.dataDir().toString();
        };
        return "hooks " + Version.current() + " is ready at " + url() + " (data: " + where + "; hook types: "
                + (types.isEmpty() ? "none, see " + settings.pluginsDir() : types) + ")";
    }

    private static TaskStore openStore(Settings settings, InstantSource clock) {
        return switch (settings.get(Settings.STORE_TYPE)) {
            case "memory" -> LocalStores.memory(clock, System::nanoTime);
            case "redis" -> RedisStores.open(settings.redis());
            default -> LocalStores.open(settings.dataDir(), clock, System::nanoTime, LocalOptions.DEFAULT);
        };
    }

    private static Seal seal(Settings settings) throws IOException {
        return switch (settings.get(Settings.STORE_TYPE)) {
            case "memory" -> SecretsKeys.ofThisProcess();
            case "redis" -> settings.redisSeal();
            default -> settings.localSeal();
        };
    }

    private static EngineConfig engineConfig(Settings settings, URI urlPublic, PluginRegistry plugins) {
        EngineConfig defaults = EngineConfig.defaults(urlPublic);
        return new EngineConfig(
                urlPublic,
                Duration.ofSeconds(settings.get(Settings.RETRY_DELAY)),
                settings.get(Settings.RETRY_ERROR),
                settings.get(Settings.EXECUTION_HISTORY),
                settings.get(Settings.FAILED_HISTORY),
                settings.get(Settings.WORKERS),
                settings.get(Settings.WORKERS_PER_TASK),
                settings.get(Settings.MAX_UNFINISHED),
                defaults.lease(),
                defaults.attemptTimeout(),
                defaults.dedupWindow(),
                TaskDefaults.resolve(CdsInstallation.defaults(settings), plugins, LOG::warn),
                settings.get(Settings.QUARANTINE));
    }

    private static HttpConfig httpConfig(Settings settings, int port, Supplier<String> hash) {
        return HttpConfig.defaults(settings.get(Settings.HTTP_HOST), port, hash, Version.build())
                .limits(HttpLimits.defaults()
                        .concurrency(
                                settings.get(Settings.HTTP_MAX_CONNECTIONS),
                                settings.get(Settings.HTTP_MAX_REQUESTS),
                                settings.get(Settings.HTTP_MAX_ADMIN_REQUESTS)))
                .peers(settings.get(Settings.HTTP_RATE_PER_PEER), settings.trustedProxies());
    }

    private static Map<Class<?>, Object> hostServices(Settings settings, Optional<CdsService> cds) {
        Map<Class<?>, Object> services = new HashMap<>();
        services.put(SinkSettings.class, new NodeSinkSettings(settings.allowedNetworks(), Version.current()));
        cds.ifPresent(member -> services.putAll(member.services()));
        return services;
    }

    private static HttpServices httpServices(Engine engine, Optional<CdsService> cds, InstantSource clock) {
        return new HttpServices(
                engine.tasks(),
                engine.executions(),
                engine.endpoints(),
                engine.requests(),
                engine::status,
                engine::stopped,
                () -> Stream.concat(
                                Stream.of(engine.pluginStatus()),
                                cds.map(CdsService::status).orElse(List.of()).stream())
                        .toList(),
                engine::maintenance,
                () -> engine.plugins().report(),
                model -> engine.plugins().hookTypeForModel(model).map(Loaded::name),
                clock,
                cds.map(CdsInstallation::syncRoute).map(List::of).orElse(List.of()));
    }

    private record NodeSinkSettings(List<Cidr> allowed, String version) implements SinkSettings {}

    /**
     * Tries the address before anything else is started, so that a port that is taken is told in words; finds a free one for
     * port 0, since addresses of endpoints are made of it.
     */
    private static int probe(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AddressException(host, port, new UncheckedIOException(e));
        }
    }
}
