package org.cdshooks.plugin.gitpoller;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one poll to one server: sent one after the other, within the limits of the credential. Used by one
 * thread.
 */
final class Session {
    private static final int MAX_REDIRECTS = 3;
    private static final int MAX_REQUESTS = 500;

    private final Http http;
    private final Budget budget;
    private final InstantSource clock;
    private final URI base;
    private final Map<String, String> headers;
    private final boolean freeIfUnchanged;
    private int requests;
    private int counted;
    private Duration wished = Duration.ZERO;

    /**
     * @param base where the server is; nothing is sent to another one
     * @param headers what goes along with each request, such as the credential
     * @param freeIfUnchanged whether an answer 304 does not count
     */
    Session(
            Http http,
            Budget budget,
            InstantSource clock,
            URI base,
            Map<String, String> headers,
            boolean freeIfUnchanged) {
        this.http = http;
        this.budget = budget;
        this.clock = clock;
        this.base = base;
        this.headers = headers;
        this.freeIfUnchanged = freeIfUnchanged;
    }

    /** How many requests count against the limit. */
    int counted() {
        return counted;
    }

    /** Notes a request that is made by other means. */
    void countOne() {
        counted++;
    }

    /** How long the server wishes pollers to wait. */
    Duration wished() {
        return wished;
    }

    /** An answer, and the address that gave it in the end. */
    record Reply(URI address, HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }
    }

    /** Gets something; the answer has a status of 2xx, 304 or 404. */
    Reply get(URI address, Optional<String> etag) throws PollFailure, InterruptedException {
        Map<String, String> condition =
                etag.map(tag -> Map.of("If-None-Match", tag)).orElse(Map.of());
        return send(address, condition, null);
    }

    /** As {@link #get}, with more headers, and as a POST if there is a body. */
    Reply send(URI address, Map<String, String> more, byte @Nullable [] body) throws PollFailure, InterruptedException {
        URI at = address;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            requireSameServer(at);
            Reply reply = new Reply(at, exchange(at, more, body));
            if (!isRedirect(reply.status())) {
                return checked(reply);
            }
            String location = reply.header("location").orElse("");
            try {
                at = at.resolve(location);
            } catch (IllegalArgumentException e) {
                throw new PollFailure.Refused(shown(at) + " redirects to what is no address.");
            }
        }
        throw new PollFailure.Refused(shown(address) + " redirects more than " + MAX_REDIRECTS + " times.");
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    /** A token must not go to whom an answer names. */
    private void requireSameServer(URI at) throws PollFailure.Refused {
        boolean isSame = base.getScheme().equalsIgnoreCase(String.valueOf(at.getScheme()))
                && base.getHost().equalsIgnoreCase(String.valueOf(at.getHost()))
                && port(base) == port(at);
        if (!isSame) {
            throw new PollFailure.Refused(shown(base) + " points to another server, " + at.getScheme() + "://"
                    + at.getHost() + (at.getPort() < 0 ? "" : ":" + at.getPort())
                    + ", which is not asked; if it is right, set url to it.");
        }
    }

    private static int port(URI at) {
        if (at.getPort() >= 0) {
            return at.getPort();
        }
        return "https".equalsIgnoreCase(at.getScheme()) ? 443 : 80;
    }

    private HttpResponse<byte[]> exchange(URI at, Map<String, String> more, byte @Nullable [] body)
            throws PollFailure, InterruptedException {
        if (++requests > MAX_REQUESTS) {
            throw new PollFailure.Refused("One poll needs more than " + MAX_REQUESTS + " requests to " + shown(base)
                    + "; the repository is too large for this provider, try provider git.");
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(at);
        headers.forEach(request::setHeader);
        more.forEach(request::setHeader);
        if (body != null) {
            request.POST(HttpRequest.BodyPublishers.ofByteArray(body));
        }
        HttpResponse<byte[]> response;
        try {
            response = http.send(request.build());
        } catch (IOException e) {
            throw new PollFailure.Away(shown(at) + " does not answer: " + reason(e), e);
        }
        if (!(freeIfUnchanged && response.statusCode() == 304)) {
            counted++;
        }
        Instant now = clock.instant();
        budget.learn(response.headers(), now);
        Budget.number(response.headers(), "x-poll-interval")
                .map(seconds -> Duration.ofSeconds(Math.min(seconds, 86_400)))
                .filter(wish -> wish.compareTo(wished) > 0)
                .ifPresent(wish -> wished = wish);
        return response;
    }

    private static String reason(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private Reply checked(Reply reply) throws PollFailure {
        int status = reply.status();
        if ((status >= 200 && status < 300) || status == 304 || status == 404) {
            return reply;
        }
        String what = shown(reply.address()) + " answers " + status;
        boolean saysWhen = reply.header("retry-after").isPresent();
        boolean isLimit =
                status == 429 || (status == 403 && (saysWhen || isUsedUp(reply))) || (status == 503 && saysWhen);
        if (isLimit) {
            Instant until = budget.refused(reply.response().headers(), clock.instant());
            throw new PollFailure.Limited(what + "; it is asked again at " + until, until);
        }
        if (status == 401 || status == 403) {
            throw new PollFailure.Refused(what + ": the token is missing, wrong or expired, or may not read this"
                    + " repository; see the options token and username.");
        }
        if (status >= 500 || status == 408) {
            throw new PollFailure.Away(what + ".");
        }
        throw new PollFailure.Refused(
                what + ", which this provider does not expect; see the options provider and url.");
    }

    private static boolean isUsedUp(Reply reply) {
        return Budget.number(reply.response().headers(), "x-ratelimit-remaining")
                .equals(Optional.of(0L));
    }

    /** An address as it may be shown: without what may be a secret in its query. */
    static String shown(URI address) {
        return String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT) + "://" + address.getRawAuthority()
                + address.getRawPath();
    }
}
