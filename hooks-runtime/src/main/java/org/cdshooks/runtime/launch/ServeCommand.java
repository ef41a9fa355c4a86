package org.cdshooks.runtime.launch;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.cdshooks.runtime.plugin.PluginExits;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.store.local.RepairReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the service until SIGTERM or Ctrl-C. */
@Command(
        name = "serve",
        description = "Runs the service until SIGTERM or Ctrl-C, which lets what is running end first.")
final class ServeCommand implements Callable<Integer> {
    /** How long a stop may take beyond {@code stopAnnounce} and {@code stopGrace}, whatever plugins and the store do. */
    private static final Duration AFTER_GRACE = Duration.ofSeconds(5);

    private static final Duration BEFORE_THE_END = Duration.ofMillis(500);

    @Mixin
    CommonOptions common = new CommonOptions();

    @Option(names = "--port", paramLabel = "N", description = "Port to listen on (http.port); 0 takes a free one.")
    @Nullable
    Integer port;

    @Option(
            names = "--repair",
            description = "Saves what can be read of a damaged store into a new file first, and tells what was lost.")
    boolean repair;

    @Override
    public Integer call() throws Exception {
        Home home = Home.detect();
        Map<String, Map.Entry<String, String>> options = new TreeMap<>();
        if (port != null) {
            options.put(Settings.HTTP_PORT.name(), Map.entry("option --port", String.valueOf(port)));
        }
        Settings settings = common.load(home, options);
        Logging.apply(settings.get(Settings.LOG_LEVEL), settings.get(Settings.LOG_FORMAT));
        if (repair && settings.get(Settings.STORE_TYPE).equals("local")) {
            RepairReport report = LocalStores.repair(settings.dataDir());
            System.err.println("hooks: repaired " + settings.dataDir() + ": saved " + report.tasks() + " tasks and "
                    + report.executions() + " executions (" + report.contents()
                    + " of them without their content), lost "
                    + report.lost() + "; the damaged file is now " + report.old());
        }
        HooksServer server = HooksServer.start(settings, MachineClock.get());
        PluginExits exits = PluginExits.watch();
        CountDownLatch stopped = new CountDownLatch(1);
        StartCache cache = StartCache.of(home);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            haltAfter(
                                    settings.get(Settings.STOP_ANNOUNCE)
                                            .plus(settings.get(Settings.STOP_GRACE))
                                            .plus(AFTER_GRACE),
                                    stopped);
                            cache.cancel();
                            int interrupted = server.stop();
                            stopped.countDown();
                            System.err.println(
                                    interrupted == 0
                                            ? "hooks: stopped, nothing was cut short"
                                            : "hooks: stopped; " + interrupted
                                                    + " executions were cut short and run again after the next start");
                            // A stop that was asked for is no failure: 0 instead of the JVM's 143.
                            Runtime.getRuntime()
                                    .halt(exits.plugin().isEmpty() ? ExitCode.OK.code() : ExitCode.FAILURE.code());
                        },
                        "stop"));
        System.out.println(server.readyLine());
        if (settings.get(Settings.START_CACHE)) {
            cache.makeInBackground();
        }
        stopped.await();
        return ExitCode.OK.code();
    }

    /** Halts the process when a stop is not over in time, from a thread that no plugin can hold up. */
    private static void haltAfter(Duration limit, CountDownLatch stopped) {
        Thread.ofPlatform().name("stop-deadline").daemon().start(() -> {
            try {
                if (stopped.await(limit.minus(BEFORE_THE_END).toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException e) { // by code that looks for threads to interrupt: all the more reason
                Thread.currentThread().interrupt();
            }
            System.err.println("hooks: the stop was not over within " + limit.toSeconds()
                    + " s (stopAnnounce, stopGrace and " + AFTER_GRACE.toSeconds()
                    + " s), so the process is halted; nothing that was"
                    + " acknowledged is lost, and what was running runs again after the next start");
            Runtime.getRuntime().halt(ExitCode.HALTED.code());
        });
    }
}
