package org.cdshooks.runtime.store.local;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps values in a file, with group commit: one thread takes all that has gathered, writes it in one commit, forces it to
 * disk and tells those who wait. Another one reads, behind a cache. Callers, who may be virtual threads and may be
 * interrupted, never touch the file.
 */
final class MvStoreBacking implements Backing {
    private static final Logger LOG = LoggerFactory.getLogger(MvStoreBacking.class);

    private static final int ENTRY_OVERHEAD = 64;
    private static final long IDLE_MILLIS = 1000;
    /** How soon it is tried again to write what could not be written. */
    private static final long RETRY_MILLIS = 1000;
    /** How often who waits looks whether anybody is left to tell them. */
    private static final long LOOK_MILLIS = 1000;

    private static final long SPACE_CHECK_NANOS = 1_000_000_000L;
    /** How often the file is tidied under load, in commits; when idle it is tidied as well. */
    private static final int COMPACT_EVERY = 64;

    private static final int COMPACT_FILL_RATE = 50;
    /** How much is written in one step to make the file smaller, before anybody who wants to write has to wait. */
    private static final int TIDY_BYTES = 4 << 20;

    private static final int TIDY_BYTES_MOST = 256 << 20;
    private static final int TIDY_IN_VAIN = 8;

    private static final Condition WORKING = new Condition.Working();
    /** Made beforehand, for when memory is short. */
    private static final Condition STOPPED =
            new Condition.Stopped("the store has stopped, the log says why: start the service again");

    private final LocalOptions options;
    private final Cache<Long, byte[]> cache;
    private final Object monitor = new Object();
    private final ReentrantLock fileLock = new ReentrantLock();
    private final BlockingQueue<Read> reads = new LinkedBlockingQueue<>();
    private final CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();
    private final CompletableFuture<Loader> loader = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> loaded = new CompletableFuture<>();
    private final Thread committer;
    private final Thread reader;

    // Guarded by the monitor.
    private Batch current = new Batch(1);
    private @Nullable Batch inFlight;
    private boolean closing;

    private volatile long durable;
    private volatile Condition condition = WORKING;
    private volatile boolean readerStops;
    private volatile String givenUp = "";

    /** Used under the file lock. */
    private @Nullable DataFile file;

    private record Read(Kind kind, long number, CompletableFuture<byte @Nullable []> result) {}

    private MvStoreBacking(Disk disk, Path directory, LocalOptions options) {
        this.options = options;
        this.cache = Caffeine.newBuilder()
                .maximumWeight(options.cacheBytes())
                .weigher((Long number, byte[] value) -> value.length + ENTRY_OVERHEAD)
                .build();
        this.committer = Thread.ofPlatform().name("store-committer").daemon().unstarted(() -> own(disk, directory));
        this.reader = Thread.ofPlatform().name("store-reader").daemon().unstarted(this::answerReads);
    }

    /**
     * Opens a directory.
     *
     * @throws StoreLockedException if another process has it
     * @throws StoreDamagedException if it is not what was acknowledged last
     * @throws StoreUnavailableException if it can't be used
     */
    static MvStoreBacking open(Disk disk, Path directory, LocalOptions options) {
        MvStoreBacking backing = new MvStoreBacking(disk, directory, options);
        backing.committer.start();
        backing.join(backing.opened);
        return backing;
    }

    // ----------------------------------------------------------------------------------------------------- callers

    @Override
    public void load(Loader target) {
        loader.complete(target);
        join(loaded);
    }

    @Override
    public void awaitRoom() {
        while (true) {
            CompletableFuture<@Nullable Void> before;
            synchronized (monitor) {
                if (current.bytes() <= options.maxPendingBytes() || !canWrite()) {
                    return;
                }
                before = inFlight == null ? current.done() : inFlight.done();
            }
            try {
                join(before);
            } catch (StoreUnavailableException e) {
                // The caller has its own way to find out that nothing can be written.
                return;
            }
        }
    }

    private boolean canWrite() {
        return switch (condition) {
            case Condition.Working _, Condition.NearlyFull _ -> true;
            case Condition.Stalled _, Condition.Stopped _ -> false;
        };
    }

    @Override
    public long write(List<Change> changes) {
        synchronized (monitor) {
            boolean idle = current.isEmpty();
            changes.forEach(current::add);
            if (idle) {
                monitor.notifyAll();
            }
            // Without a change there is nothing to wait for but what came before.
            return current.isEmpty() ? current.ticket - 1 : current.ticket;
        }
    }

    @Override
    public void await(long ticket) {
        if (durable >= ticket) {
            return;
        }
        CompletableFuture<@Nullable Void> done;
        synchronized (monitor) {
            if (durable >= ticket) {
                return;
            }
            checkWritable();
            done = current.ticket == ticket || inFlight == null ? current.done() : inFlight.done();
        }
        join(done);
    }

    @Override
    public long durable() {
        return durable;
    }

    @Override
    public byte @Nullable [] read(Kind kind, long number) {
        byte[] cached = cache.getIfPresent(number);
        if (cached != null) {
            return cached;
        }
        synchronized (monitor) {
            for (Batch batch : inFlight == null ? List.of(current) : List.of(current, inFlight)) {
                Map<Long, byte @Nullable []> values = batch.of(kind);
                if (values.containsKey(number)) {
                    return values.get(number);
                }
            }
        }
        Read read = new Read(kind, number, new CompletableFuture<>());
        reads.add(read);
        byte[] value = join(read.result);
        if (value != null) {
            cache.put(number, value);
        }
        return value;
    }

    @Override
    public Condition condition() {
        return condition;
    }

    @Override
    public String durability() {
        return "what is acknowledged is on disk, forced with fsync: neither a kill of the process nor a power failure"
                + " loses it, as far as the disk keeps what it confirms" + givenUp;
    }

    @Override
    public void close() {
        loader.completeExceptionally(new IllegalStateException("closed"));
        synchronized (monitor) {
            closing = true;
            monitor.notifyAll();
        }
        boolean interrupted = false;
        while (committer.isAlive()) {
            try {
                committer.join();
            } catch (InterruptedException e) {
                // The data are worth the wait.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for one of the threads of the store. An interrupt does not undo what was handed over, so it does not end the
     * wait; the end of the store does, even if nobody had the memory to say so.
     */
    private <T extends @Nullable Object> T join(CompletableFuture<T> future) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (!future.isDone()) {
                        checkUsable();
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case StoreUnavailableException cause -> {
                    // A new one, so that the trace tells of the caller as well.
                    StoreUnavailableException told =
                            new StoreUnavailableException(String.valueOf(cause.getMessage()), cause.isFull());
                    told.initCause(cause);
                    throw told;
                }
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(e);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // --------------------------------------------------------------------------------------------- thread committer

    /** Owns directory and file from the first to the last. */
    private void own(Disk disk, Path path) {
        try (DataDirectory directory = DataDirectory.take(disk, path)) {
            openFile(directory).givenUp().ifPresent(words -> {
                LOG.warn("{}: {}", directory.dataFile(), words);
                givenUp = "; at the start " + words;
            });
            try {
                checkSpace(directory);
                opened.complete(null);
                file().load(loader.join());
                reader.start();
                loaded.complete(null);
                work(directory);
            } finally {
                end(directory);
            }
        } catch (Throwable e) {
            // Told to whoever opens it: who waits for something else has been told.
            if (!(condition instanceof Condition.Stopped)) {
                condition = STOPPED;
            }
            opened.completeExceptionally(e);
            loaded.completeExceptionally(e);
        }
    }

    private void work(DataDirectory directory) {
        try {
            commitUntilClosed(directory);
        } catch (Throwable e) {
            stop(e);
        }
    }

    private DataFile openFile(DataDirectory directory) {
        fileLock.lock();
        try {
            DataFile opening = DataFile.open(directory);
            file = opening;
            return opening;
        } finally {
            fileLock.unlock();
        }
    }

    private DataFile file() {
        return Objects.requireNonNull(file);
    }

    private void end(DataDirectory directory) {
        boolean working = canWrite();
        if (!(condition instanceof Condition.Stopped)) {
            condition = new Condition.Stopped("the store is closed");
        }
        stopReader();
        DataFile last = file;
        if (last == null) {
            return;
        }
        if (!working) {
            last.abandon();
            return;
        }
        try {
            last.close();
        } catch (RuntimeException e) {
            LOG.warn(
                    "{} was not closed in order, and is opened as after a kill: {}",
                    directory.dataFile(),
                    e.toString());
            last.abandon();
        }
    }

    private void commitUntilClosed(DataDirectory directory) {
        long spaceChecked = System.nanoTime();
        int sinceCompact = 0;
        boolean tidy = true;
        while (!(condition instanceof Condition.Stopped)) {
            if (condition instanceof Condition.Stalled) {
                if (!goOn(directory)) {
                    return;
                }
                continue;
            }
            Batch batch = takeBatch();
            if (batch == null) {
                if (isClosing()) {
                    return;
                }
                if (!tidy) {
                    tidy(directory);
                    tidy = true;
                }
            } else {
                commit(directory, batch);
                tidy = false;
                if (++sinceCompact >= COMPACT_EVERY && canWrite()) {
                    sinceCompact = 0;
                    write(directory, () -> file().compact(COMPACT_FILL_RATE, TIDY_BYTES));
                }
            }
            if (System.nanoTime() - spaceChecked > SPACE_CHECK_NANOS) {
                checkSpace(directory);
                spaceChecked = System.nanoTime();
            }
        }
    }

    /** Takes what has gathered; null if nothing has for a while or the store closes. */
    private @Nullable Batch takeBatch() {
        synchronized (monitor) {
            if (current.isEmpty()) {
                rest(IDLE_MILLIS, () -> !current.isEmpty());
            }
            if (current.isEmpty()) {
                return null;
            }
            return takeCurrent();
        }
    }

    private Batch takeCurrent() {
        Batch taken = current;
        inFlight = taken;
        current = new Batch(taken.ticket + 1);
        return taken;
    }

    /** Waits, under the monitor, until something is so, the store closes or the time is over. */
    private void rest(long millis, BooleanSupplier until) {
        long began = System.nanoTime();
        long left = millis;
        while (!closing && left > 0 && !until.getAsBoolean()) {
            try {
                monitor.wait(left);
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody knows this thread, so nobody can interrupt it", e);
            }
            left = millis - (System.nanoTime() - began) / 1_000_000;
        }
    }

    private boolean isClosing() {
        synchronized (monitor) {
            return closing && current.isEmpty();
        }
    }

    private void commit(DataDirectory directory, Batch batch) {
        if (write(directory, () -> file().commit(batch))) {
            written(batch);
        }
    }

    private void written(Batch batch) {
        batch.of(Kind.BODY).forEach(this::remember);
        batch.of(Kind.TASK).forEach(this::remember);
        CompletableFuture<@Nullable Void> done;
        synchronized (monitor) {
            durable = batch.ticket;
            inFlight = null;
            done = batch.part();
        }
        done.complete(null);
    }

    /**
     * Writes a version of the file, forces it to the disk and notes that. What could not be written can be written later,
     * for the file is still as it was forced last. What could not be forced is another matter: nobody knows then what is on
     * the disk, and no second attempt would tell.
     *
     * @param step returns the version
     * @return whether that is done
     */
    private boolean write(DataDirectory directory, LongSupplier step) {
        try {
            long version;
            fileLock.lock();
            try {
                version = step.getAsLong();
            } finally {
                fileLock.unlock();
            }
            file().sync();
            directory.acknowledge(version);
            return true;
        } catch (RuntimeException | IOException e) {
            if (file().couldNotBeForced()) {
                stop(e);
            } else {
                stall(directory, e);
            }
            return false;
        }
    }

    /**
     * Tells those who wait that nothing can be written now. What was to be written is kept, for it is in memory as if it
     * were stored; the file is opened again, so that it can be read.
     */
    private void stall(DataDirectory directory, Exception cause) {
        String words = "nothing can be written to " + directory.path() + " now (" + rootOf(cause) + "): free some room"
                + " or mend the disk; new work is refused, and all goes on by itself when it can be written";
        if (!(condition instanceof Condition.Stalled)) {
            LOG.error(words, cause);
        }
        CompletableFuture<@Nullable Void> first;
        CompletableFuture<@Nullable Void> second;
        synchronized (monitor) {
            condition = new Condition.Stalled(words);
            first = inFlight == null ? null : inFlight.part();
            second = current.part();
        }
        StoreUnavailableException told = new StoreUnavailableException(words, true);
        if (first != null) {
            first.completeExceptionally(told);
        }
        second.completeExceptionally(told);
        reopen(directory);
    }

    private static String rootOf(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    private void reopen(DataDirectory directory) {
        fileLock.lock();
        try {
            file().abandon();
            openFile(directory);
        } catch (StoreUnavailableException e) {
            LOG.warn("{}", e.getMessage());
        } finally {
            fileLock.unlock();
        }
    }

    /** Tries to write what could not be written, after a while. Returns false if the store closes without it. */
    private boolean goOn(DataDirectory directory) {
        synchronized (monitor) {
            rest(RETRY_MILLIS, () -> false);
        }
        if (file().isClosed()) {
            reopen(directory);
        }
        Batch batch;
        synchronized (monitor) {
            batch = inFlight == null ? takeCurrent() : inFlight;
        }
        if (!file().isClosed() && write(directory, () -> file().commit(batch))) {
            condition = WORKING;
            written(batch);
            LOG.info("{} can be written again", directory.path());
            checkSpace(directory);
            return true;
        }
        synchronized (monitor) {
            if (closing) {
                LOG.error(
                        "what has happened since {} could not be written is given up; work that ran runs again",
                        directory.path());
            }
            return !closing;
        }
    }

    private void remember(long number, byte @Nullable [] value) {
        if (value == null) {
            cache.invalidate(number);
        } else {
            cache.put(number, value);
        }
    }

    /** Makes the file smaller while nothing is to be written, step by step; the last step finds nothing to do. */
    private void tidy(DataDirectory directory) {
        int bytes = TIDY_BYTES;
        for (int inVain = 0; inVain < TIDY_IN_VAIN && file().isWasteful() && canWrite() && isIdle(); ) {
            long before = file().size();
            int atMost = bytes;
            if (!write(directory, () -> file().tidy(atMost))) {
                return;
            }
            if (file().size() < before) {
                inVain = 0;
            } else {
                // Space is free some versions after nothing needs it, and a part may be larger than the step.
                inVain++;
                bytes = Math.min(2 * bytes, TIDY_BYTES_MOST);
            }
        }
    }

    private boolean isIdle() {
        synchronized (monitor) {
            return current.isEmpty() && !closing;
        }
    }

    private void checkSpace(DataDirectory directory) {
        long free;
        try {
            free = directory.usableSpace();
        } catch (IOException e) {
            LOG.warn("the free space of {} can't be found out: {}", directory.path(), e.toString());
            return;
        }
        boolean isFull = free < options.minFreeBytes();
        if (isFull && condition instanceof Condition.Working) {
            condition = new Condition.NearlyFull("the disk of " + directory.path() + " is nearly full, "
                    + (free >> 20) + " MiB are left and " + (options.minFreeBytes() >> 20)
                    + " MiB are needed: new work is refused until there is room, work that was accepted goes on");
            LOG.warn("{}", condition.problem().orElseThrow());
        } else if (!isFull && condition instanceof Condition.NearlyFull) {
            condition = WORKING;
            LOG.info("{} has room again", directory.path());
        }
    }

    /**
     * From now on nothing is acknowledged any more. Memory may be short, so those who wait are told first, and find out by
     * themselves if even that fails.
     */
    private void stop(Throwable cause) {
        if (condition instanceof Condition.Stopped) {
            return;
        }
        condition = STOPPED;
        try {
            DataFile last = file;
            String why = last != null && last.couldNotBeForced()
                    ? "the disk has not kept what it was given (" + rootOf(cause) + "), and nobody knows what is on it:"
                            + " nothing is acknowledged any more; check the disk and start the service again"
                    : "the store has stopped (" + cause
                            + "): nothing is acknowledged any more; start the service again";
            Condition.Stopped stopped = new Condition.Stopped(why + "; nothing that was acknowledged is lost");
            condition = stopped;
            CompletableFuture<@Nullable Void> first;
            CompletableFuture<@Nullable Void> second;
            synchronized (monitor) {
                first = inFlight == null ? null : inFlight.part();
                second = current.part();
            }
            StoreUnavailableException told = new StoreUnavailableException(stopped.words(), cause);
            if (first != null) {
                first.completeExceptionally(told);
            }
            second.completeExceptionally(told);
            LOG.error(stopped.words(), cause);
        } catch (Throwable e) {
            cause.addSuppressed(e);
        }
    }

    // ------------------------------------------------------------------------------------------------ thread reader

    private void answerReads() {
        try {
            List<Read> taken = new ArrayList<>();
            while (!readerStops) {
                taken.add(reads.take());
                reads.drainTo(taken);
                fileLock.lock();
                try {
                    taken.forEach(this::answer);
                } finally {
                    fileLock.unlock();
                }
                taken.clear();
            }
        } catch (InterruptedException e) {
            stop(new IllegalStateException("nobody knows this thread, so nobody can interrupt it", e));
        } catch (Throwable e) {
            stop(e);
        }
    }

    private void answer(Read read) {
        try {
            read.result.complete(file().read(read.kind, read.number));
        } catch (RuntimeException | Error e) {
            read.result.completeExceptionally(e);
        }
    }

    private void stopReader() {
        readerStops = true;
        while (reader.isAlive()) {
            // Something to read wakes it; it is answered, as all others that it finds.
            reads.add(new Read(Kind.BODY, 0, new CompletableFuture<>()));
            try {
                reader.join(LOOK_MILLIS);
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody knows this thread, so nobody can interrupt it", e);
            }
        }
    }
}
