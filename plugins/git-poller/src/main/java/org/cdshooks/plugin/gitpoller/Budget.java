package org.cdshooks.plugin.gitpoller;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.jspecify.annotations.Nullable;

/**
 * How many requests one credential has left at one server, and who shares them. If all tasks at their own intervals need
 * more than there is, the intervals of all are stretched by the same factor, so that nobody is starved and the limit is not
 * met. Guarded by itself.
 */
final class Budget {
    private static final Logger LOG = System.getLogger(Budget.class.getName());

    /** What is left over for people and others who use the same credential. */
    private static final double SHARE = 0.8;

    private static final double LONGEST_STRETCH = 60;
    private static final Duration UNSAID_WAIT = Duration.ofMinutes(1);
    private static final Duration LONGEST_BLOCK = Duration.ofHours(2);

    /** Longer than a server may tell its clients to wait. */
    private static final Duration IDLE = LONGEST_BLOCK.plusHours(1);

    private final String server;
    private final int perHour;
    private final Map<TaskId, Need> needs = new HashMap<>();
    private @Nullable Left left;
    private Instant blockedUntil = Instant.MIN;
    private double said = 1;
    private Instant usedAt;

    /** What a task needs: requests a poll, and how often it polls if nothing is stretched. */
    private record Need(int requests, Duration interval, Instant seen) {
        double perHour() {
            return requests * 3600.0 / Math.max(1, interval.toSeconds());
        }
    }

    /** What the server said is left, and until when. */
    private record Left(long requests, Instant reset) {}

    /**
     * @param server its address, for messages
     * @param perHour how many requests it takes an hour if it does not say; 0 for any number
     */
    Budget(String server, int perHour, Instant now) {
        this.server = server;
        this.perHour = perHour;
        this.usedAt = now;
    }

    /** Tells whether nobody has polled for so long that nothing is lost with the budget. */
    synchronized boolean isIdle(Instant now) {
        return usedAt.isBefore(now.minus(IDLE));
    }

    /** Returns until when nobody may ask; empty if one may. */
    synchronized Optional<Instant> blocked(Instant now) {
        usedAt = now;
        return blockedUntil.isAfter(now) ? Optional.of(blockedUntil) : Optional.empty();
    }

    /** Reads what the server says of its limits beside an answer. */
    synchronized void learn(HttpHeaders headers, Instant now) {
        Optional<Long> remaining =
                number(headers, "x-ratelimit-remaining").or(() -> number(headers, "ratelimit-remaining"));
        Optional<Long> reset = number(headers, "x-ratelimit-reset").or(() -> number(headers, "ratelimit-reset"));
        if (remaining.isEmpty() || reset.isEmpty()) {
            return;
        }
        Instant at = Instant.ofEpochSecond(Math.min(reset.get(), 99_999_999_999L));
        left = new Left(remaining.get(), at);
        if (remaining.get() <= 0 && at.isAfter(now)) {
            block(at, now);
        }
    }

    /**
     * Notes that the server refuses more requests for now.
     *
     * @return when it may be asked again
     */
    synchronized Instant refused(HttpHeaders headers, Instant now) {
        learn(headers, now);
        Left known = left;
        boolean isUsedUp = known != null && known.requests <= 0 && known.reset.isAfter(now);
        Instant unsaid = known != null && isUsedUp ? known.reset : now.plus(UNSAID_WAIT);
        Instant until = retryAfter(headers, now).orElse(unsaid);
        return block(until, now);
    }

    private Instant block(Instant until, Instant now) {
        Instant latest = now.plus(LONGEST_BLOCK);
        Instant bounded = until.isAfter(latest) ? latest : until;
        if (bounded.isAfter(blockedUntil)) {
            blockedUntil = bounded;
            LOG.log(
                    Level.WARNING,
                    "{0} takes no more requests of this credential until {1}; its polls wait.",
                    server,
                    bounded);
        }
        return blockedUntil;
    }

    /** Notes that a task has polled, and returns by what its interval is to be multiplied. */
    synchronized double polled(TaskId task, int requests, Duration interval, Instant now) {
        needs.put(task, new Need(requests, interval, now));
        needs.values()
                .removeIf(
                        need -> need.seen.isBefore(now.minus(need.interval.multipliedBy(2 * (long) LONGEST_STRETCH))));
        double needed = needs.values().stream().mapToDouble(Need::perHour).sum();
        double stretch = Math.clamp(needed / allowed(now), 1, LONGEST_STRETCH);
        if (stretch > said * 1.2 || stretch < said / 1.2) {
            said = stretch;
            LOG.log(
                    stretch > 1 ? Level.WARNING : Level.INFO,
                    "{0} polls need {1} requests an hour of {2}, which has {3} for them: intervals are multiplied by {4}.",
                    needs.size(),
                    Math.round(needed),
                    server,
                    Math.round(allowed(now)),
                    Math.round(stretch * 10) / 10.0);
        }
        return stretch;
    }

    /** How many requests an hour there are to be shared. */
    private double allowed(Instant now) {
        if (left != null && left.reset.isAfter(now)) {
            double hours = Math.max(1, Duration.between(now, left.reset).toSeconds()) / 3600.0;
            return Math.max(0.01, SHARE * left.requests / hours);
        }
        return perHour == 0 ? Double.MAX_VALUE : SHARE * perHour;
    }

    private static Optional<Instant> retryAfter(HttpHeaders headers, Instant now) {
        Optional<String> value = headers.firstValue("retry-after");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Optional<Long> seconds = number(headers, "retry-after");
        if (seconds.isPresent()) {
            return Optional.of(now.plusSeconds(Math.clamp(seconds.get(), 1, 86_400)));
        }
        try {
            Instant at = DateTimeFormatter.RFC_1123_DATE_TIME.parse(value.get().strip(), Instant::from);
            return Optional.of(at.isAfter(now) ? at : now.plusSeconds(1));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    static Optional<Long> number(HttpHeaders headers, String name) {
        return headers.firstValue(name).map(String::strip).flatMap(text -> {
            try {
                return Optional.of(Math.max(0, (long) Double.parseDouble(text)));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        });
    }
}
