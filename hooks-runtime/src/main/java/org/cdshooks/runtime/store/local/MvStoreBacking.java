package org.cdshooks.runtime.store.local;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
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
    private static final long SPACE_CHECK_NANOS = 1_000_000_000L;
    /** How often the file is tidied under load, in commits; when idle it is tidied as well. */
    private static final int COMPACT_EVERY = 64;

    private static final int COMPACT_FILL_RATE = 50;
    private static final int COMPACT_BYTES = 4 << 20;

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
    private volatile boolean full;
    private volatile @Nullable String problem;
    private volatile @Nullable DataFile readFrom;
    private volatile String givenUp = "";

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
        join(backing.opened);
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
            Batch before;
            synchronized (monitor) {
                if (current.bytes() <= options.maxPendingBytes() || problem != null) {
                    return;
                }
                before = inFlight == null ? current : inFlight;
            }
            join(before.done);
        }
    }

    @Override
    public long write(List<Change> changes) {
        synchronized (monitor) {
            boolean idle = current.isEmpty();
            changes.forEach(current::add);
            if (idle) {
                monitor.notifyAll();
            }
            return current.ticket;
        }
    }

    @Override
    public void await(long ticket) {
        if (durable >= ticket) {
            return;
        }
        Batch batch;
        synchronized (monitor) {
            batch = current.ticket == ticket ? current : inFlight;
        }
        if (batch != null && batch.ticket == ticket) {
            join(batch.done);
        } else if (durable < ticket) {
            throw new StoreUnavailableException(String.valueOf(problem), false);
        }
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
        if (problem != null) {
            // Who would have answered may be gone.
            read.result.completeExceptionally(new StoreUnavailableException(problem, false));
        }
        byte[] value = join(read.result);
        if (value != null) {
            cache.put(number, value);
        }
        return value;
    }

    @Override
    public boolean isFull() {
        return full;
    }

    @Override
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
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

    /** Waits for another thread, come what may: an interrupt does not undo what was handed over. */
    private static <T extends @Nullable Object> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case StoreUnavailableException cause ->
                    throw new StoreUnavailableException(String.valueOf(cause.getMessage()), cause);
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }

    // --------------------------------------------------------------------------------------------- thread committer

    /** Owns directory and file from the first to the last. */
    private void own(Disk disk, Path path) {
        try (DataDirectory directory = DataDirectory.take(disk, path)) {
            DataFile file = DataFile.open(directory);
            file.givenUp().ifPresent(words -> {
                LOG.warn("{}: {}", directory.dataFile(), words);
                givenUp = "; at the start " + words;
            });
            boolean clean = false;
            try {
                checkSpace(directory);
                opened.complete(null);
                file.load(loader.join());
                loaded.complete(null);
                startReader(file);
                commitUntilClosed(directory, file);
                clean = problem == null;
            } finally {
                if (problem == null) {
                    problem = "the store is closed";
                }
                stopReader();
                if (clean) {
                    file.close();
                } else {
                    file.abandon();
                }
            }
        } catch (CompletionException e) {
            // Nobody wants to load: closed before it was used.
            loaded.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            // Told to whoever opens it; if it was open, it has been closed as well as it could.
            problem = "the store is closed (" + e + ")";
            opened.completeExceptionally(e);
            loaded.completeExceptionally(e);
        }
    }

    private void commitUntilClosed(DataDirectory directory, DataFile file) {
        long spaceChecked = System.nanoTime();
        int sinceCompact = 0;
        boolean tidy = true;
        while (problem == null) {
            Batch batch = takeBatch();
            if (batch == null) {
                if (isClosing()) {
                    return;
                }
                if (!tidy) {
                    tidy = !compact(file);
                }
            } else {
                commit(directory, file, batch);
                tidy = false;
                if (++sinceCompact >= COMPACT_EVERY) {
                    sinceCompact = 0;
                    compact(file);
                }
            }
            if (System.nanoTime() - spaceChecked > SPACE_CHECK_NANOS) {
                checkSpace(directory);
                spaceChecked = System.nanoTime();
            }
        }
    }

    /** Takes what has gathered; null if nothing has for a while or the store closes. */
    @SuppressWarnings("WaitNotInLoop") // a wake-up for nothing is an empty batch, and the caller comes again
    private @Nullable Batch takeBatch() {
        synchronized (monitor) {
            long idleSince = System.nanoTime();
            long left = IDLE_MILLIS;
            while (current.isEmpty() && !closing && left > 0) {
                try {
                    monitor.wait(left);
                } catch (InterruptedException e) {
                    throw new IllegalStateException("nobody knows this thread, so nobody can interrupt it", e);
                }
                left = IDLE_MILLIS - (System.nanoTime() - idleSince) / 1_000_000;
            }
            if (current.isEmpty()) {
                return null;
            }
            Batch taken = current;
            inFlight = taken;
            current = new Batch(taken.ticket + 1);
            return taken;
        }
    }

    private boolean isClosing() {
        synchronized (monitor) {
            return closing && current.isEmpty();
        }
    }

    private void commit(DataDirectory directory, DataFile file, Batch batch) {
        try {
            long version;
            fileLock.lock();
            try {
                version = file.commit(batch);
            } finally {
                fileLock.unlock();
            }
            file.sync();
            directory.acknowledge(version);
        } catch (RuntimeException | IOException | Error e) {
            fail(e);
            return;
        }
        batch.of(Kind.BODY).forEach(this::remember);
        batch.of(Kind.TASK).forEach(this::remember);
        durable = batch.ticket;
        synchronized (monitor) {
            inFlight = null;
        }
        batch.done.complete(null);
    }

    private void remember(long number, byte @Nullable [] value) {
        if (value == null) {
            cache.invalidate(number);
        } else {
            cache.put(number, value);
        }
    }

    /** Tidies the file; what is moved is forced to disk before the place where it was is written again. */
    private boolean compact(DataFile file) {
        try {
            boolean moved;
            fileLock.lock();
            try {
                moved = file.compact(COMPACT_FILL_RATE, COMPACT_BYTES);
            } finally {
                fileLock.unlock();
            }
            if (moved) {
                file.sync();
            }
            return moved;
        } catch (RuntimeException | Error e) {
            fail(e);
            return false;
        }
    }

    private void checkSpace(DataDirectory directory) {
        try {
            boolean isFull = directory.usableSpace() < options.minFreeBytes();
            if (isFull != full) {
                LOG.warn(
                        isFull ? "the disk of {} is nearly full: new work is refused" : "{} has room again",
                        directory.path());
            }
            full = isFull;
        } catch (IOException e) {
            LOG.warn("the free space of {} can't be found out: {}", directory.path(), e.toString());
        }
    }

    /** From now on nothing is acknowledged any more, since memory is ahead of what is on disk. */
    private void fail(Throwable cause) {
        String text = "the store can't be written any more (" + cause + "): free the disk or mend it and start again;"
                + " nothing that was acknowledged is lost";
        LOG.error(text, cause);
        StoreUnavailableException exception = new StoreUnavailableException(text, cause);
        Batch first;
        Batch second;
        synchronized (monitor) {
            problem = text;
            first = inFlight;
            second = current;
        }
        if (first != null) {
            first.done.completeExceptionally(exception);
        }
        second.done.completeExceptionally(exception);
    }

    // ------------------------------------------------------------------------------------------------ thread reader

    private void startReader(DataFile opened) {
        readFrom = opened;
        reader.start();
    }

    private void answerReads() {
        List<Read> taken = new ArrayList<>();
        while (true) {
            try {
                taken.add(reads.take());
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody knows this thread, so nobody can interrupt it", e);
            }
            reads.drainTo(taken);
            DataFile file = readFrom;
            fileLock.lock();
            try {
                for (Read read : taken) {
                    if (file == null) {
                        read.result.completeExceptionally(new StoreUnavailableException("the store is closed", false));
                    } else {
                        answer(file, read);
                    }
                }
            } finally {
                fileLock.unlock();
            }
            taken.clear();
            if (file == null) {
                return;
            }
        }
    }

    private static void answer(DataFile file, Read read) {
        try {
            read.result.complete(file.read(read.kind, read.number));
        } catch (RuntimeException | Error e) {
            read.result.completeExceptionally(e);
        }
    }

    private void stopReader() {
        if (!reader.isAlive()) {
            return;
        }
        readFrom = null;
        CompletableFuture<byte @Nullable []> last = new CompletableFuture<>();
        reads.add(new Read(Kind.BODY, 0, last));
        while (reader.isAlive()) {
            try {
                reader.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody knows this thread, so nobody can interrupt it", e);
            }
        }
    }
}
