package org.cdshooks.runtime.http;

import static java.time.ZoneOffset.UTC;
import static java.time.temporal.ChronoUnit.SECONDS;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import java.time.Instant;
import java.time.format.DateTimeFormatter;

/** The headers that every answer of a known route carries (PROTOCOL 1). What does not change is made once. */
final class ResponseHeaders {
    static final Header JSON = HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/json");
    static final Header TEXT = HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    static final Header NO_SNIFF = HeaderValues.create("X-Content-Type-Options", "nosniff");
    static final Header VARY = HeaderValues.create(HeaderNames.VARY, "Accept-Encoding");
    static final Header RETRY_SOON = HeaderValues.create(HeaderNames.RETRY_AFTER, "1");

    private static final String COMMON =
            "Accept, Origin, Referer, User-Agent, Content-Type, Authorization, Session-Token,"
                    + " Last-Event-Id, %s, Content-Disposition, X-B3-Traceid, X-B3-Spanid, X-B3-Sampled, X-Api-Workflow-As-Code,"
                    + " X-Api-Workflow-Id, X-Api-Workflow-Name";
    private static final Header ALLOW_HEADERS =
            HeaderValues.create("Access-Control-Allow-Headers", COMMON.formatted("If-Modified-Since"));
    private static final Header ALLOW_METHODS =
            HeaderValues.create("Access-Control-Allow-Methods", "GET,OPTIONS,PUT,POST,DELETE");
    private static final Header ALLOW_ORIGIN = HeaderValues.create("Access-Control-Allow-Origin", "*");
    private static final Header EXPOSE_HEADERS =
            HeaderValues.create("Access-Control-Expose-Headers", COMMON.formatted("ETag"));
    private static final HeaderName ETAG = HeaderNames.create("Etag");
    private static final HeaderName NANOSECONDS = HeaderNames.create("X-Api-Nanoseconds-Time");
    private static final HeaderName PROCESS_TIME = HeaderNames.create("X-Api-Process-Time");
    private static final HeaderName TIME = HeaderNames.create("X-Api-Time");

    private volatile Second second = Second.of(0);

    /** What is the same for all answers to requests of one second. */
    private record Second(long epoch, Header etag, Header time) {
        static Second of(long epoch) {
            String text = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                    Instant.ofEpochSecond(epoch).truncatedTo(SECONDS).atOffset(UTC));
            return new Second(epoch, HeaderValues.create(ETAG, Long.toString(epoch)), HeaderValues.create(TIME, text));
        }
    }

    /**
     * Sets them all.
     *
     * @param headers of the answer
     * @param begun when the request began
     * @param nanos how long it has taken; negative to leave that out
     */
    void addTo(ServerResponseHeaders headers, Instant begun, long nanos) {
        Second now = second;
        if (now.epoch() != begun.getEpochSecond()) {
            now = Second.of(begun.getEpochSecond());
            second = now;
        }
        headers.set(ALLOW_HEADERS);
        headers.set(ALLOW_METHODS);
        headers.set(ALLOW_ORIGIN);
        headers.set(EXPOSE_HEADERS);
        headers.set(now.etag());
        headers.set(HeaderValues.create(
                NANOSECONDS, Long.toString(begun.getEpochSecond() * 1_000_000_000L + begun.getNano())));
        if (nanos >= 0) {
            headers.set(HeaderValues.create(PROCESS_TIME, Long.toString(nanos)));
        }
        headers.set(now.time());
    }
}
