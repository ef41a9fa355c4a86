package org.cdshooks.runtime.store.redis;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets somebody in who moves what a Redis holds: when its layout is that of this store, and no node uses it. Nodes that start
 * meanwhile wait.
 */
final class Reservation implements Admission {
    /** What names begin with of those who move, so that nodes can tell what they wait for. */
    static final String WHO = "migration-";

    private final Adoption adoption;
    private final String who;
    private final Supplier<String> now;
    private final RedisAddress address;
    private volatile boolean isTaken;
    private volatile @Nullable String refusal;

    /**
     * Makes a reservation.
     *
     * @param who a name that begins with {@link #WHO}, unique
     * @param now microseconds since the epoch, or nothing for Redis's own clock
     */
    Reservation(Adoption adoption, String who, Supplier<String> now, RedisAddress address) {
        this.adoption = adoption;
        this.who = who;
        this.now = now;
        this.address = address;
    }

    @Override
    public Optional<String> problem(Asker redis) {
        if (!isTaken) {
            Optional<String> waits = adoption.problem(redis);
            if (waits.isPresent()) {
                return waits;
            }
        }
        Answer answer = redis.run(Script.MOVE_LOCK, now.get(), who);
        String where = "Redis at " + address.words();
        String words = switch (answer.get(0).text()) {
            case "taken" -> "";
            case "nodes" ->
                where + " is used by " + number(answer.get(1).number(), "node", "nodes") + " (one is "
                        + answer.get(2).text() + "): stop them first. One that was killed is forgotten at "
                        + time(answer.get(3));
            case "leases" ->
                where + " has " + number(answer.get(1).number(), "execution", "executions")
                        + " that a node works on or worked on when it died: stop it first. Its claims end at "
                        + time(answer.get(2));
            default -> where + " is used by somebody else who moves what it holds or takes it over";
        };
        isTaken |= words.isEmpty();
        refusal = words.isEmpty() ? null : words;
        return Optional.ofNullable(refusal);
    }

    private static String number(long number, String one, String more) {
        return number + " " + (number == 1 ? one : more);
    }

    private static Instant time(Answer micros) {
        return Micros.instant(micros.number()).truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofSeconds(1));
    }

    /** Says why it is not let in, if somebody uses Redis. */
    Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Tells whether what CDS's service has left is being taken over by this process, which may take long. */
    boolean isTakingOver() {
        return adoption.isUnderWay();
    }

    @Override
    public void close() {
        adoption.close();
    }
}
