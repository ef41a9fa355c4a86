package org.cdshooks.runtime.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.cdshooks.runtime.store.StoreContents;
import org.cdshooks.runtime.store.StoreCopy;
import org.cdshooks.runtime.store.StoreCopy.Copied;
import org.cdshooks.runtime.store.local.LocalOptions;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.store.redis.RedisStores;
import org.cdshooks.runtime.task.Seal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Copies everything from one kind of store to the other. */
@Command(
        name = "migrate",
        description = {
            "Copies tasks, executions and all that belongs to them from the local store (data.dir) to Redis (store.redis.*), or back.",
            "The service must be stopped. If it is killed, run it again: it begins anew. The source stays as it is."
        })
final class MigrateCommand implements Callable<Integer> {
    private static final long SAY_EVERY = Duration.ofSeconds(2).toNanos();

    /** The kinds of stores that outlive a process. */
    enum Kind {
        LOCAL,
        REDIS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    CommonOptions common = new CommonOptions();

    @Option(names = "--from", required = true, paramLabel = "STORE", description = "The source: local or redis.")
    Kind from = Kind.LOCAL;

    @Option(names = "--to", required = true, paramLabel = "STORE", description = "The target: local or redis.")
    Kind to = Kind.REDIS;

    @Option(names = "--merge", description = "Lets the target have other tasks, which stay.")
    boolean merge;

    private final long began = System.nanoTime();
    private long saidAt = began;

    @Override
    public Integer call() {
        if (from == to) {
            throw new ParameterException(
                    spec.commandLine(), "--from " + from + " --to " + to + " is one and the same store");
        }
        Settings settings = common.load(Home.detect(), Map.of());
        Logging.apply("warn", settings.get(Settings.LOG_FORMAT));
        if (from == Kind.LOCAL && !LocalStores.isThere(settings.dataDir())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "there is no local store in " + settings.dataDir()
                            + ": name its directory with --data or data.dir");
        }
        try (StoreContents source = open(from, settings);
                StoreContents target = open(to, settings)) {
            long tasks = source.taskCount();
            Seal opens = seal(from, settings);
            Seal closes = seal(to, settings);
            StoreCopy.Report report = StoreCopy.run(
                    source,
                    target,
                    merge,
                    task -> opens.handOver(task, closes),
                    copied -> say(() -> progress(copied, tasks)));
            double seconds = Math.max(0.001, (System.nanoTime() - began) / 1e9);
            System.out.println("copied " + source.words() + ": " + words(report.source()) + ", "
                    + report.source().deliveries() + " remembered deliveries");
            System.out.println("to " + target.words() + ": " + words(report.target()));
            if (!closes.isClosed()) {
                System.out.println(
                        "secrets of tasks are there in clear: no secrets.key is configured for " + target.words());
            }
            System.out.printf(
                    Locale.ROOT,
                    "in %.1f s, %.0f executions a second. %s is as it was: do not start the service on it again, but with"
                            + " store.type: %s%n",
                    seconds,
                    report.source().executions() / seconds,
                    source.words(),
                    to);
        }
        return ExitCode.OK.code();
    }

    /** What encrypts secrets in a store: each has keys of its own, unless there are configured ones. */
    private static Seal seal(Kind kind, Settings settings) {
        try {
            return switch (kind) {
                case LOCAL -> settings.localSeal();
                case REDIS -> settings.redisSeal();
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StoreContents open(Kind kind, Settings settings) {
        return switch (kind) {
            case LOCAL -> LocalStores.contents(settings.dataDir(), InstantSource.system(), LocalOptions.DEFAULT);
            case REDIS -> RedisStores.contents(settings.redis(), waits -> say(() -> waits));
        };
    }

    private String progress(Copied copied, long tasks) {
        double seconds = (System.nanoTime() - began) / 1e9;
        return copied.tasks() + " of " + tasks + " tasks, " + copied.executions() + " executions, "
                + Math.round(copied.executions() / seconds) + " a second";
    }

    private static String words(Copied copied) {
        return copied.tasks() + " tasks, " + copied.executions() + " executions (" + copied.waiting() + " waiting, "
                + copied.queued() + " queued, " + copied.failed() + " failed)";
    }

    private void say(Supplier<String> words) {
        if (System.nanoTime() - saidAt >= SAY_EVERY) {
            saidAt = System.nanoTime();
            System.err.println("hooks: " + words.get());
        }
    }
}
