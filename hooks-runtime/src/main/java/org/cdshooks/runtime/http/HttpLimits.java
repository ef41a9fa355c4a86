package org.cdshooks.runtime.http;

import java.time.Duration;

/**
 * What the server bears. Every limit is set explicitly, since the library's own defaults are "unlimited".
 *
 * @param maxBody the largest body that any route takes, in bytes; an endpoint may take less. Also what one connection may
 *     make the server hold
 * @param maxHeaderBytes the largest block of headers, in bytes; more is answered with 431
 * @param maxHeaders how many header lines; more is answered with 431
 * @param maxRequestLine the longest request line, in bytes; more is answered with 414
 * @param headerTimeout how long the head of a request may take to arrive; then 408
 * @param bodyTimeout how long a body may take to arrive; then 408
 * @param minBodyRate how many bytes a second of a body must arrive on average, once {@code slowStart} has passed; 0 for
 *     any; then 408
 * @param slowStart how long a body may be slower than that
 * @param answerTimeout how long the peer may take to read 16 KiB of an answer; then the connection is closed
 * @param idleTimeout how long a connection may be open without a request; then it is closed
 * @param maxConnections how many connections. A further one takes the place of the one that waits longest for a request;
 *     if none waits, the further one is answered with 503 and closed
 * @param maxRequests how many requests to endpoints of tasks the server works on at the same time; more are answered
 *     with 503. A request whose body arrives or whose answer is sent does not count
 * @param maxAdminRequests the same for requests to the API: how many that change something, and how many that read. {@code /mon} and {@code /health} are always answered
 * @param maxBodies how many bytes the bodies of all requests may take up together; a body that finds no room is answered
 *     with 503. The first 16 KiB of each are not counted, so that small requests get through whatever large ones do
 */
public record HttpLimits(
        long maxBody,
        int maxHeaderBytes,
        int maxHeaders,
        int maxRequestLine,
        Duration headerTimeout,
        Duration bodyTimeout,
        long minBodyRate,
        Duration slowStart,
        Duration answerTimeout,
        Duration idleTimeout,
        int maxConnections,
        int maxRequests,
        int maxAdminRequests,
        long maxBodies) {

    /** Checks that every limit is one. */
    public HttpLimits {
        requirePositive("maxBody", maxBody);
        requirePositive("maxHeaderBytes", maxHeaderBytes);
        requirePositive("maxHeaders", maxHeaders);
        requirePositive("maxRequestLine", maxRequestLine);
        requirePositive("headerTimeout", headerTimeout.toNanos());
        requirePositive("bodyTimeout", bodyTimeout.toNanos());
        requirePositive("slowStart", slowStart.toNanos());
        requirePositive("answerTimeout", answerTimeout.toNanos());
        requirePositive("idleTimeout", idleTimeout.toNanos());
        requirePositive("maxConnections", maxConnections);
        requirePositive("maxRequests", maxRequests);
        requirePositive("maxAdminRequests", maxAdminRequests);
        requirePositive("maxBodies", maxBodies);
        if (minBodyRate < 0) {
            throw new IllegalArgumentException("minBodyRate is negative: " + minBodyRate);
        }
    }

    /**
     * Returns the limits of a service that faces the internet.
     *
     * @return the defaults
     */
    public static HttpLimits defaults() {
        return new HttpLimits(
                25L << 20,
                16 << 10,
                100,
                8 << 10,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                1 << 10,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(75),
                4_096,
                1_024,
                256,
                // An eighth of the heap: a body is copied on its way to the store. The largest one must have room.
                Math.max(25L << 20, Runtime.getRuntime().maxMemory() / 8));
    }

    /**
     * Sets the largest body.
     *
     * @param bytes a positive number
     * @return a copy with that limit
     */
    public HttpLimits maxBody(long bytes) {
        return new HttpLimits(
                bytes,
                maxHeaderBytes,
                maxHeaders,
                maxRequestLine,
                headerTimeout,
                bodyTimeout,
                minBodyRate,
                slowStart,
                answerTimeout,
                idleTimeout,
                maxConnections,
                maxRequests,
                maxAdminRequests,
                maxBodies);
    }

    /**
     * Sets how long things may take to arrive.
     *
     * @param header the head of a request
     * @param body a body
     * @param slow how long a body may be slower than the minimum rate
     * @param answer 16 KiB of an answer
     * @param idle a connection without a request
     * @return a copy with these limits
     */
    public HttpLimits timeouts(Duration header, Duration body, Duration slow, Duration answer, Duration idle) {
        return new HttpLimits(
                maxBody,
                maxHeaderBytes,
                maxHeaders,
                maxRequestLine,
                header,
                body,
                minBodyRate,
                slow,
                answer,
                idle,
                maxConnections,
                maxRequests,
                maxAdminRequests,
                maxBodies);
    }

    /**
     * Sets how much may go on at the same time.
     *
     * @param connections how many connections
     * @param requests how many requests to endpoints of tasks
     * @param adminRequests how many requests to the API
     * @return a copy with these limits
     */
    public HttpLimits concurrency(int connections, int requests, int adminRequests) {
        return new HttpLimits(
                maxBody,
                maxHeaderBytes,
                maxHeaders,
                maxRequestLine,
                headerTimeout,
                bodyTimeout,
                minBodyRate,
                slowStart,
                answerTimeout,
                idleTimeout,
                connections,
                requests,
                adminRequests,
                maxBodies);
    }

    /**
     * Sets how much all bodies may take up together.
     *
     * @param bytes a positive number
     * @return a copy with that limit
     */
    public HttpLimits maxBodies(long bytes) {
        return new HttpLimits(
                maxBody,
                maxHeaderBytes,
                maxHeaders,
                maxRequestLine,
                headerTimeout,
                bodyTimeout,
                minBodyRate,
                slowStart,
                answerTimeout,
                idleTimeout,
                maxConnections,
                maxRequests,
                maxAdminRequests,
                bytes);
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive: " + value);
        }
    }
}
