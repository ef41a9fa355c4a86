package org.cdshooks.runtime.cds;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.service.Integrations;
import org.cdshooks.api.service.VcsEvents;
import org.cdshooks.runtime.engine.StatusLine;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service's part in a CDS installation, put together. Thread-safe. */
public final class CdsService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CdsService.class);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration LEAST_REST = Duration.ofMillis(500);

    private final CdsSettings settings;
    private final InstantSource clock;
    private final CdsApi api;
    private final Semaphore wake = new Semaphore(0);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final ExecutorService background = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("hooks-cds-sync").factory());
    private final MissingHooks missingHooks;
    private volatile boolean stopping;
    private volatile Optional<Tasks> tasks = Optional.empty();
    private volatile Optional<Membership> membership = Optional.empty();
    private volatile Optional<Thread> thread = Optional.empty();

    /**
     * Makes the client; nothing is called yet.
     *
     * @param settings where the API is
     * @param clock the clock
     */
    public CdsService(CdsSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.api = new CdsApi(settings);
        this.missingHooks = new MissingHooks(clock);
    }

    /** Returns what sinks and plugins can ask of the host in a CDS installation. */
    public Map<Class<?>, Object> services() {
        Calls calls = new Calls();
        CdsQuestions questions = new CdsQuestions(calls);
        return Map.of(CdsCalls.class, calls, Integrations.class, questions, VcsEvents.class, questions);
    }

    /**
     * Registers, beats and synchronises from now on, on a thread of its own. Does not wait for the API.
     *
     * @param tasks what is synchronised
     * @param reader reads hooks
     * @param status makes the document of {@code /mon/status}, which is sent with each heartbeat
     * @param onHash takes the service hash of each registration
     */
    public void start(Tasks tasks, HookReader reader, Supplier<byte[]> status, Consumer<String> onHash) {
        Synchronisation synchronisation = new Synchronisation(api, tasks, reader, clock, settings.maxDelete());
        Membership made = new Membership(
                new Registration(api, settings, status),
                synchronisation,
                settings,
                clock,
                hash -> {
                    onHash.accept(hash); // first what the API calls us with, then what we call it with
                    api.authenticateBy(hash);
                },
                background);
        this.tasks = Optional.of(tasks);
        membership = Optional.of(made);
        thread = Optional.of(Thread.ofVirtual().name("hooks-cds").start(() -> beat(made)));
    }

    private void beat(Membership made) {
        try {
            while (!stopping) {
                Duration rest = made.beat();
                // What was asked for meanwhile has just been done; who asks all the time gets it now and then.
                wake.drainPermits();
                if (wake.tryAcquire(rest.toNanos(), TimeUnit.NANOSECONDS) && !stopping) {
                    var _ = stopped.await(LEAST_REST.toNanos(), TimeUnit.NANOSECONDS);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("the CDS API is not told any more that this service is there");
        }
    }

    private static void suspendNow(Tasks all, TaskId task, long revision, String reason) {
        try {
            var _ = all.suspend(task, revision, reason);
        } catch (StoreUnavailableException e) {
            LOG.warn("Task {} could not be suspended, although {}: {}", task, reason, e.getMessage());
        }
    }

    /** What the sink sees of the membership. */
    private final class Calls implements CdsCalls {
        @Override
        public CdsApi api() {
            return api;
        }

        @Override
        public Duration timeout() {
            return settings.requestTimeout();
        }

        @Override
        public boolean hasRegistered() {
            return membership.map(Membership::hasRegistered).orElse(false);
        }

        @Override
        public Optional<String> problem() {
            return membership.flatMap(Membership::problem);
        }

        @Override
        public MissingHooks missingHooks() {
            return missingHooks;
        }

        @Override
        public OptionalLong revision(TaskId task) {
            return tasks.flatMap(all -> all.find(task))
                    .map(found -> OptionalLong.of(found.task().revision()))
                    .orElseGet(OptionalLong::empty);
        }

        @Override
        public void suspend(TaskId task, long revision, String reason) {
            tasks.ifPresent(all -> {
                try {
                    // Not on the caller's thread: the caller works on an execution of this very task.
                    background.execute(() -> suspendNow(all, task, revision, reason));
                } catch (RejectedExecutionException e) {
                    LOG.debug("Task {} is not suspended, since the service stops", task);
                }
            });
        }

        @Override
        public void registerAnew() {
            wake.release();
        }
    }

    /**
     * Synchronises now.
     *
     * @param force whether tasks are removed however many they are
     * @return what was done
     * @throws ApiException if the API can't be asked
     * @throws InterruptedException if the thread was interrupted
     */
    public SyncReport synchronise(boolean force) throws ApiException, InterruptedException {
        return membership
                .orElseThrow(() -> new IllegalStateException("not started"))
                .synchronise(force);
    }

    /** Says how it is, for {@code /mon/status}. */
    public List<StatusLine> status() {
        return membership.map(Membership::status).orElse(List.of());
    }

    @Override
    public void close() {
        stopping = true;
        stopped.countDown();
        background.shutdownNow();
        thread.ifPresent(running -> {
            running.interrupt();
            try {
                var _ = running.join(GRACE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        api.close();
    }
}
