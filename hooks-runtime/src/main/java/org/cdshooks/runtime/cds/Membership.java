package org.cdshooks.runtime.cds;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.cdshooks.runtime.engine.StatusLine;
import org.cdshooks.runtime.engine.StatusLine.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this service a member of the CDS installation: registers, again and again, which is the heartbeat, and synchronises
 * when it is time to. While the API is away nothing ends: requests are still accepted, and the API is tried again, after a
 * second at first and then ever more rarely up to the heartbeat.
 */
final class Membership {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    private static final Duration FIRST_DELAY = Duration.ofSeconds(1);
    private static final int UNAUTHORIZED = 401;

    /** When an API is asked again that has left out too many hooks: their tasks are suspended, maybe by its mistake. */
    private static final Duration HELD_BACK = Duration.ofMinutes(2);

    private final Registration registration;
    private final Synchronisation synchronisation;
    private final CdsSettings settings;
    private final InstantSource clock;
    private final Consumer<String> onHash;
    private final Executor background;
    private final AtomicBoolean synchronising = new AtomicBoolean();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile Optional<Instant> lastBeat = Optional.empty();
    private volatile Optional<String> problem = Optional.empty();
    private volatile Optional<SyncReport> lastSync = Optional.empty();
    private volatile Optional<String> syncProblem = Optional.empty();
    private volatile Optional<Instant> nextSync = Optional.empty();

    /**
     * Makes a membership that has not begun.
     *
     * @param onHash takes the service hash of each registration
     * @param background synchronises, which must not keep the heartbeat waiting: the API forgets who is silent
     */
    Membership(
            Registration registration,
            Synchronisation synchronisation,
            CdsSettings settings,
            InstantSource clock,
            Consumer<String> onHash,
            Executor background) {
        this.registration = registration;
        this.synchronisation = synchronisation;
        this.settings = settings;
        this.clock = clock;
        this.onHash = onHash;
        this.background = background;
    }

    /**
     * Registers, and synchronises if it is time to. Called by one thread.
     *
     * @return how long to wait before the next time
     */
    Duration beat() throws InterruptedException {
        try {
            Registration.Registered registered = registration.register();
            onHash.accept(registered.hash());
            if (lastBeat.isEmpty() || problem.isPresent()) {
                LOG.info("registered with the CDS API at {} as {}", settings.api(), settings.name());
            }
            lastBeat = Optional.of(clock.instant());
            problem = Optional.empty();
            failures.set(0);
        } catch (ApiException e) {
            failed(e);
            return delay();
        } catch (RuntimeException e) {
            LOG.error("registration failed", e);
            failed(e);
            return delay();
        }
        boolean isTime = nextSync.isEmpty() || !nextSync.get().isAfter(clock.instant());
        if (isTime && synchronising.compareAndSet(false, true)) {
            background.execute(this::synchroniseInTurn);
        }
        return settings.heartbeat();
    }

    private void failed(Exception failure) {
        String words = failure.getMessage() + hint(failure);
        failures.incrementAndGet();
        if (problem.isEmpty() || !problem.get().equals(words)) { // once, and not at each of many tries
            LOG.warn("registration with the CDS API failed, requests are accepted meanwhile: {}", words);
        }
        problem = Optional.of(words);
    }

    /** Says which setting is probably wrong. */
    private String hint(Exception failure) {
        if (!(failure instanceof ApiException.Refused refused)) {
            return "";
        }
        if (refused.status() == UNAUTHORIZED) {
            return lastBeat.map(beat -> ". The API accepted the token " + ago(beat)
                            + ", so the API probably can't read its database now: look at the log of the API. If"
                            + " somebody has revoked the token, give a new one in cds.api.token")
                    .orElse(". This answer has two causes: the API does not accept the token (cds.api.token must be a"
                            + " token of the group shared.infra), or the API can't read its database. The log of"
                            + " the API tells which");
        }
        return refused.isOfCds() || refused.status() >= 500
                ? ""
                : ": is cds.api.url, " + settings.api() + ", the address of the CDS API, and not of its UI?";
    }

    private Duration delay() {
        long most = settings.heartbeat().toMillis();
        long grown = FIRST_DELAY.toMillis() << Math.min(failures.get() - 1, 10);
        long bound = Math.min(most, grown);
        return Duration.ofMillis(bound / 2 + ThreadLocalRandom.current().nextLong(bound / 2 + 1));
    }

    /** Synchronises; what goes wrong shows in the status and is tried again. */
    private void synchroniseInTurn() {
        Duration next = settings.heartbeat();
        try {
            SyncReport report = synchronise(false);
            boolean isSoon = report.heldBack() > 0 && settings.syncEvery().compareTo(HELD_BACK) > 0;
            next = isSoon ? HELD_BACK : settings.syncEvery();
        } catch (ApiException | RuntimeException e) {
            LOG.warn("synchronisation with the CDS API failed and is tried again: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            nextSync = Optional.of(clock.instant().plus(next));
            synchronising.set(false);
        }
    }

    /**
     * Synchronises now.
     *
     * @param force whether tasks are removed however many they are
     */
    SyncReport synchronise(boolean force) throws ApiException, InterruptedException {
        try {
            SyncReport report = synchronisation.run(force);
            lastSync = Optional.of(report);
            syncProblem = Optional.empty();
            return report;
        } catch (ApiException | RuntimeException e) {
            syncProblem = Optional.of(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** Tells whether this process has registered: before that it has no right to call. */
    boolean hasRegistered() {
        return lastBeat.isPresent();
    }

    /** Tells what kept the last heartbeat from arriving; empty if it did. */
    Optional<String> problem() {
        return problem;
    }

    /** Says how it is, for {@code /mon/status}. */
    List<StatusLine> status() {
        List<StatusLine> lines = new ArrayList<>();
        if (!registration.version().equals(settings.version())) {
            lines.add(new StatusLine(Level.OK, "Version", registration.version()));
        }
        String since = lastBeat.map(beat -> "last heartbeat " + ago(beat)).orElse("not registered yet");
        Optional<String> wrong = problem;
        if (wrong.isPresent()) {
            lines.add(new StatusLine(
                    failures.get() > settings.maxHeartbeatFailures() ? Level.AL : Level.WARN,
                    "CDS API",
                    "no heartbeat (" + failures + " tries failed, " + since + "): " + wrong.get()));
        } else {
            lines.add(new StatusLine(Level.OK, "CDS API", settings.name() + ", " + since));
        }
        Optional<String> unsynchronised = syncProblem;
        if (unsynchronised.isPresent()) {
            lines.add(new StatusLine(Level.WARN, "CDS Sync", "failed: " + unsynchronised.get()));
        }
        lastSync.ifPresent(report -> lines.add(new StatusLine(
                report.isClean() ? Level.OK : Level.WARN, "CDS Hooks", report.words() + ", " + ago(report.at()))));
        return lines;
    }

    private String ago(Instant time) {
        return Duration.between(time, clock.instant()).toSeconds() + "s ago";
    }
}
