package org.cdshooks.runtime.store.redis;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in where the layout is that of this store. A Redis that CDS's own service has filled, or used in between, is first
 * {@linkplain Takeover taken over}, by one node while the others wait. If that node dies, another one goes on.
 */
final class Adoption implements Admission {
    /** What is small is taken over before a node that starts goes on. */
    private static final Duration SMALL = Duration.ofMillis(500);

    private static final long PAUSE = Duration.ofSeconds(1).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);

    private final RedisKeys keys;
    private final String node;
    private final int attempts;
    private final Supplier<String> now;
    private final boolean moves;
    private boolean hasLooked;
    private volatile @Nullable CompletableFuture<Void> job;
    private volatile long startAt = System.nanoTime();
    private volatile String failure = "";
    private volatile boolean closed;

    /**
     * Makes an admission.
     *
     * @param node who takes over, unique
     * @param attempts how many attempts an execution has
     * @param now microseconds since the epoch, or nothing for Redis's own clock
     */
    Adoption(RedisKeys keys, String node, int attempts, Supplier<String> now) {
        this(keys, node, attempts, now, false);
    }

    /**
     * Makes an admission.
     *
     * @param moves whether this is to move what is there, and may find what was not moved to the end
     */
    Adoption(RedisKeys keys, String node, int attempts, Supplier<String> now, boolean moves) {
        this.keys = keys;
        this.node = node;
        this.attempts = attempts;
        this.now = now;
        this.moves = moves;
    }

    @Override
    public Optional<String> problem(Asker redis) {
        Optional<String> problem = look(redis);
        return problem.isPresent() && job != null && endsSoon(job) ? look(redis) : problem;
    }

    private Optional<String> look(Asker redis) {
        Answer layout = redis.run(Script.LAYOUT, now.get(), node, hasLooked ? "" : "1", moves ? "1" : "");
        hasLooked = true;
        return switch (layout.get(0).text()) {
            case "ready" -> {
                job = null;
                yield Optional.empty();
            }
            case "newer" -> {
                job = null;
                yield Optional.of("this Redis was written by a newer version of the service (layout "
                        + layout.get(1).text() + "): use that version, or another store.redis.prefix");
            }
            case "unfinished" -> {
                job = null;
                yield Optional.of(
                        "this Redis was being filled from another store and is not whole: run the same migration"
                                + " again, which begins anew, or give the service another store.redis.prefix");
            }
            case "busy" -> {
                job = null;
                yield Optional.of(
                        layout.get(1).text().startsWith(Reservation.WHO)
                                ? "what this Redis holds is being moved by a migration"
                                : words("another node", layout.get(2), layout.get(3)));
            }
            default -> {
                if ((job == null || job.isDone()) && System.nanoTime() - startAt >= 0) {
                    job = CompletableFuture.runAsync(
                            () -> takeOverOrSayWhyNot(redis),
                            work -> Thread.ofVirtual().name("hooks-adoption").start(work));
                }
                yield Optional.of(words("this node", layout.get(1), layout.get(2)) + failure);
            }
        };
    }

    private static String words(String who, Answer done, Answer total) {
        String progress = total.text().equals("0") ? "" : ", " + done.text() + " of " + total.text() + " tasks";
        return "this Redis is being taken over from the CDS hooks service by " + who + progress;
    }

    private static boolean endsSoon(CompletableFuture<Void> job) {
        try {
            job.get(SMALL.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an error that can't be told otherwise", e.getCause());
        }
    }

    private void takeOverOrSayWhyNot(Asker redis) {
        String words = "";
        try {
            new Takeover(keys, node, attempts, now, redis).run();
        } catch (Takeover.LostException e) {
            LOG.info("{}", e.getMessage());
        } catch (StoreUnavailableException e) {
            words = "; it is tried again, since " + e.getMessage();
            if (!closed) {
                LOG.warn("This Redis is not taken over yet{}", words);
            }
        } catch (RuntimeException e) {
            words = "; it is tried again, since it failed: " + e;
            LOG.error("This Redis can't be taken over{}", words, e);
        } finally {
            failure = words;
            startAt = System.nanoTime() + (words.isEmpty() ? 0 : PAUSE);
        }
    }

    /** Tells whether this process itself is at it. */
    boolean isUnderWay() {
        CompletableFuture<Void> now = job;
        return now != null && !now.isDone();
    }

    @Override
    public void close() {
        closed = true;
    }
}
