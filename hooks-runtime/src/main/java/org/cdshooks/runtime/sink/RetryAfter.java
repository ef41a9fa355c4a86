package org.cdshooks.runtime.sink;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.utils.DateUtils;

/** Reads {@code Retry-After} (RFC 9110, 10.2.3): seconds or a date. What is neither is as if it were not there. */
public final class RetryAfter {
    static final Duration MIN = Duration.ofSeconds(1);
    static final Duration MAX = Duration.ofHours(24);

    private static final Pattern SECONDS = Pattern.compile("[0-9]+");

    private RetryAfter() {}

    /**
     * Reads a value.
     *
     * @param value the header's value
     * @param now what a date is counted from
     * @return how long to wait, from {@link #MIN} to {@link #MAX}; empty if the value makes no sense
     */
    public static Optional<Duration> parse(String value, Instant now) {
        String text = value.strip();
        if (SECONDS.matcher(text).matches()) {
            // Whatever has more than nine digits is beyond the maximum anyway.
            String digits = text.replaceFirst("^0+(?=.)", "");
            return Optional.of(digits.length() > 9 ? MAX : clamped(Duration.ofSeconds(Long.parseLong(digits))));
        }
        if (text.length() > 40) {
            return Optional.empty();
        }
        return Optional.ofNullable(DateUtils.parseStandardDate(text)).map(date -> clamped(Duration.between(now, date)));
    }

    private static Duration clamped(Duration wait) {
        if (wait.compareTo(MIN) < 0) {
            return MIN;
        }
        return wait.compareTo(MAX) > 0 ? MAX : wait;
    }
}
