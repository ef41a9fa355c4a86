package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to Redis: runs scripts, and says in words why it can't. It is there before Redis is: a thread of its own connects
 * again and again, asks every second whether Redis answers, and lets go of connections that have gone deaf.
 *
 * <p>Whoever asks gets an answer or a {@link StoreUnavailableException} within {@link RedisOptions#TIMEOUT}; while Redis is
 * known not to answer, at once, so that nothing piles up in memory.
 */
final class RedisLink implements Link {
    private static final long LOOK = Duration.ofMillis(250).toNanos();
    private static final long PROBE = Duration.ofSeconds(1).toNanos();

    /** So long nothing was heard before the connections are given up: TCP itself would wait for minutes. */
    private static final long DEAF = Duration.ofSeconds(4).toNanos();

    /** Begins Redis's own words for it. */
    private static final String OOM = "OOM command not allowed";

    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

    private final Wire wire;
    private final RedisKeys keys;
    private final RedisOptions options;
    private final Map<Script, Script.Text> scripts;
    private final Admission admission;
    private final Consumer<String> onEvent;
    private final Runnable onConnected;
    private final Thread thread;
    private volatile @Nullable Connections connections;
    private volatile @Nullable String problem;

    /** Whether Redis refuses whatever needs memory. All else goes on, so this does not keep anybody from asking. */
    private volatile boolean full;

    private volatile String durability = "Redis has not been reached yet; what it can lose is not known";
    private volatile boolean closed;

    /** What is connected, as one. */
    private record Connections(
            Wire.Lane door,
            Wire.Lane work,
            StatefulRedisPubSubConnection<String, String> events,
            ReplicaGate doorReplicas,
            ReplicaGate workReplicas)
            implements AutoCloseable {
        Wire.Lane lane(Use use) {
            return use == Use.DOOR ? door : work;
        }

        @Override
        public void close() {
            door.close();
            work.close();
            var _ = events.closeAsync();
        }
    }

    /**
     * Begins to connect, and waits a moment for it.
     *
     * @param scripts what it can run
     * @param admission decides whether what is there may be served
     * @param onEvent takes what nodes tell each other, on Lettuce's threads
     * @param onConnected hears of each new connection, since what was told before it is lost
     */
    RedisLink(
            RedisOptions options,
            RedisKeys keys,
            Map<Script, Script.Text> scripts,
            Admission admission,
            Consumer<String> onEvent,
            Runnable onConnected) {
        this.options = options;
        this.keys = keys;
        this.scripts = scripts;
        this.admission = admission;
        this.wire = new Wire(RedisAddress.of(options), options, keys.routing());
        this.onEvent = onEvent;
        this.onConnected = onConnected;
        this.problem = "Redis at " + wire.address().words() + " has not been reached yet";
        connectOrSayWhy();
        this.thread = Thread.ofPlatform().name("hooks-redis").daemon().start(this::keep);
    }

    // ------------------------------------------------------------------------------------------------ for the store

    @Override
    public Answer run(Use use, Script script, Object... arguments) {
        return ask(lane(use), script, arguments);
    }

    @Override
    public List<Answer> runAll(Use use, Script script, List<Object[]> calls) {
        return askAll(lane(use), script, calls);
    }

    private Wire.Lane lane(Use use) {
        String known = problem;
        Connections now = connections;
        if (known != null || now == null) {
            throw new StoreUnavailableException(known == null ? "Redis is not connected" : known, false);
        }
        return now.lane(use);
    }

    @Override
    public void awaitReplicas(Use use) {
        if (options.waitReplicas() == 0) {
            return;
        }
        Connections now = connections;
        if (now == null) {
            throw new StoreUnavailableException("Redis is not connected", false);
        }
        long replicas = join((use == Use.DOOR ? now.doorReplicas() : now.workReplicas()).await());
        if (replicas < options.waitReplicas()) {
            throw new StoreUnavailableException(
                    "Redis has it, but only " + replicas + " replicas of the " + options.waitReplicas()
                            + " that store.redis.wait asks for had it within "
                            + options.waitTimeout().toMillis() + " ms",
                    false);
        }
    }

    @Override
    public Optional<String> problem() {
        String known = problem;
        return known == null && full ? Optional.of(fullWords()) : Optional.ofNullable(known);
    }

    @Override
    public String durability() {
        return durability;
    }

    // ------------------------------------------------------------------------------------------------ asking

    private Answer ask(Wire.Lane lane, Script script, Object... arguments) {
        return askAll(lane, script, List.<Object[]>of(arguments)).getFirst();
    }

    private List<Answer> askAll(Wire.Lane lane, Script script, List<Object[]> calls) {
        Script.Text text = scripts.get(script);
        if (text == null) {
            throw new IllegalStateException("script " + script + " is not loaded");
        }
        try {
            RedisClusterAsyncCommands<byte[], byte[]> commands = lane.commands().get();
            List<RedisFuture<List<Object>>> sent = new ArrayList<>();
            for (Object[] arguments : calls) {
                sent.add(send(commands, CommandType.EVALSHA, text.digest(), arguments));
            }
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < calls.size(); i++) {
                answers.add(answer(commands, text, sent.get(i), calls.get(i)));
            }
            return answers;
        } catch (CompletionException e) {
            throw away(e.getCause() == null ? e : e.getCause());
        } catch (io.lettuce.core.RedisException e) {
            throw away(e);
        }
    }

    private Answer answer(
            RedisClusterAsyncCommands<byte[], byte[]> commands,
            Script.Text text,
            RedisFuture<List<Object>> sent,
            Object... arguments) {
        try {
            return answer(sent);
        } catch (CompletionException e) {
            if (e.getCause() instanceof RedisNoScriptException) { // new, restarted or flushed
                return answer(send(commands, CommandType.EVAL, text.text(), arguments));
            }
            throw e;
        }
    }

    private RedisFuture<List<Object>> send(
            RedisClusterAsyncCommands<byte[], byte[]> commands, CommandType how, String script, Object... arguments) {
        CommandArgs<byte[], byte[]> args =
                new CommandArgs<>(ByteArrayCodec.INSTANCE).add(script).add(1).addKey(keys.routing());
        for (Object argument : arguments) {
            args.addValue(
                    argument instanceof byte[] bytes
                            ? bytes
                            : argument.toString().getBytes(UTF_8));
        }
        return commands.dispatch(how, new NestedMultiOutput<>(ByteArrayCodec.INSTANCE), args);
    }

    /** Waits without looking at interrupts: whether it was done must be known. */
    private static Answer answer(RedisFuture<List<Object>> future) {
        return new Answer(future.toCompletableFuture().join()).get(0);
    }

    private long join(CompletableFuture<Long> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw away(e.getCause() == null ? e : e.getCause());
        }
    }

    private StoreUnavailableException away(Throwable cause) {
        if (cause instanceof RedisCommandExecutionException
                && String.valueOf(cause.getMessage()).contains(OOM)) {
            noteFull(true); // until a probe finds memory again
            return new StoreUnavailableException(fullWords(), true);
        }
        String where = "Redis at " + wire.address().words();
        String words = switch (cause) {
            case RedisCommandTimeoutException timeout -> {
                String deaf = where + " did not answer within " + RedisOptions.TIMEOUT.toSeconds() + " s";
                problem = deaf; // until it answers again
                LockSupport.unpark(thread);
                yield deaf;
            }
            case RedisCommandExecutionException refused -> {
                String error = String.valueOf(refused.getMessage());
                if (Refusal.of(error).equals(Optional.of(Refusal.READONLY))) {
                    drop(connections); // it is no master any more: whoever is now is found by a new connection
                } else {
                    wire.refresh();
                }
                yield where + " " + Refusal.words(error);
            }
            default -> where + " can't be reached: " + cause.getMessage();
        };
        return new StoreUnavailableException(words, cause);
    }

    private void noteFull(boolean now) {
        if (now == full) {
            return;
        }
        full = now;
        if (now) {
            LOG.warn("{}", fullWords());
        } else {
            LOG.info("Redis at {} has memory again", wire.address().words());
        }
    }

    private String fullWords() {
        return "Redis at " + wire.address().words() + " is full (OOM, its maxmemory is used up): nothing new is stored"
                + " and no execution begins, while executions that run are ended. Raise maxmemory, or remove tasks or"
                + " executions; the service then goes on by itself";
    }

    // ------------------------------------------------------------------------------------------ staying connected

    private void keep() {
        long heard = System.nanoTime();
        long asked = heard;
        while (!closed) {
            LockSupport.parkNanos(this, LOOK);
            if (closed) {
                return;
            }
            Connections now = connections;
            long time = System.nanoTime();
            if (now == null) {
                connectOrSayWhy();
                heard = System.nanoTime();
            } else if (problem != null || time - asked >= PROBE) {
                asked = time;
                if (answers(now)) {
                    heard = System.nanoTime();
                } else if (System.nanoTime() - heard >= DEAF) {
                    LOG.warn("{}; connecting anew", problem);
                    drop(now);
                }
            }
        }
    }

    private boolean answers(Connections now) {
        try {
            ask(now.door(), Script.PROBE, "");
            noteFull(ask(now.work(), Script.PROBE, "").number() == 0);
            Optional<String> waits = mayServe(now);
            if (waits.isPresent()) {
                problem = waits.get();
            } else if (problem != null) {
                LOG.info("Redis at {} serves again", wire.address().words());
                inspect(now);
                problem = null;
                onConnected.run();
            }
            return true;
        } catch (StoreUnavailableException e) {
            if (problem == null) {
                LOG.warn("{}", e.getMessage());
            }
            problem = e.getMessage();
            return false;
        }
    }

    /** Returns why the store must wait although Redis answers. */
    private Optional<String> mayServe(Connections now) {
        return admission.problem((script, arguments) -> ask(now.work(), script, arguments));
    }

    private void connectOrSayWhy() {
        Connections fresh = null;
        try {
            fresh = connect();
            load(fresh.work());
            noteFull(ask(fresh.work(), Script.PROBE, "").number() == 0);
            inspect(fresh);
            Optional<String> waits = mayServe(fresh);
            connections = fresh;
            problem = waits.orElse(null);
            if (waits.isEmpty()) {
                onConnected.run();
            } else {
                LOG.info("{}", waits.get());
            }
        } catch (RuntimeException e) {
            if (fresh != null) {
                fresh.close();
            }
            String words = "Redis at " + wire.address().words() + " " + reason(e);
            if (!words.equals(problem)) {
                LOG.warn("{}; trying again until it can", words);
            }
            problem = words;
        }
    }

    /** Loads all scripts, so that the first call of each is not refused. */
    private void load(Wire.Lane lane) {
        RedisClusterAsyncCommands<byte[], byte[]> commands = lane.commands().get();
        CompletableFuture<?>[] loading = scripts.values().stream()
                .map(text -> commands.scriptLoad(text.text()).toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(loading).join();
    }

    /** Says why it can't be used, in words that go behind where it is. */
    private static String reason(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage());
        return root instanceof RedisCommandExecutionException ? Refusal.words(message) : "can't be reached: " + message;
    }

    private Connections connect() {
        Wire.Lane door = wire.connect();
        try {
            Wire.Lane work = wire.connect();
            try {
                return new Connections(door, work, subscribe(), gate(door), gate(work));
            } catch (RuntimeException e) {
                work.close();
                throw e;
            }
        } catch (RuntimeException e) {
            door.close();
            throw e;
        }
    }

    private ReplicaGate gate(Wire.Lane lane) {
        return new ReplicaGate(() -> lane.commands()
                .get()
                .waitForReplication(
                        options.waitReplicas(), options.waitTimeout().toMillis()));
    }

    private StatefulRedisPubSubConnection<String, String> subscribe() {
        StatefulRedisPubSubConnection<String, String> events = wire.connectEvents();
        events.addListener(new RedisPubSubAdapter<>() {
            private boolean before;

            @Override
            public void message(String channel, String message) {
                onEvent.accept(message);
            }

            @Override
            public void subscribed(String channel, long count) {
                if (before) { // the connection came back by itself
                    onConnected.run();
                }
                before = true;
            }
        });
        events.async().subscribe(keys.channel()).toCompletableFuture().join();
        return events;
    }

    private void inspect(Connections now) {
        String words = RedisDurability.of(now.work().commands().get(), options);
        if (!words.equals(durability)) {
            durability = words;
            if (words.contains(TaskStore.WARNING)) {
                LOG.warn("the store is {}", words);
            } else {
                LOG.info("the store is {}", words);
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // each connecting makes new ones, which are equal to none
    private void drop(@Nullable Connections old) {
        if (old != null && connections == old) {
            connections = null;
            old.close();
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void close() {
        closed = true;
        admission.close();
        problem = "the store is closed";
        LockSupport.unpark(thread);
        Connections now = connections;
        if (now != null) {
            now.close();
        }
        wire.close();
    }
}
