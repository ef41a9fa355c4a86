package org.cdshooks.api;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * The answer to a request. Immutable, with a hidden constructor, since it will grow.
 *
 * <p>Two forms: {@linkplain #accepted an execution was stored}, which the runtime renders the same way for all hook
 * types, and {@linkplain #of a status with a message}, rendered as the service's error body.
 */
public final class HttpReply {
    private final int status;
    private final String contentType;
    private final String body;
    private final Optional<Receipt> receipt;

    private HttpReply(int status, String contentType, String body, Optional<Receipt> receipt) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status " + status + " is not in 200 to 599");
        }
        this.status = status;
        this.contentType = requireNonNull(contentType, "contentType");
        this.body = requireNonNull(body, "body");
        this.receipt = receipt;
    }

    /**
     * Says that an execution has been stored. The runtime answers 200 with the execution as JSON, marked when it is a
     * duplicate, without the task's config.
     *
     * @param receipt what {@link TriggerContext#emit} answered
     * @return an answer
     */
    public static HttpReply accepted(Receipt receipt) {
        return new HttpReply(200, "", "", Optional.of(receipt));
    }

    /**
     * Answers with a status and a line of text.
     *
     * @param status the status code, 200 to 599
     * @param message for the sender; it must tell nothing secret
     * @return an answer; from 400 on the runtime renders it as its error body
     */
    public static HttpReply of(int status, String message) {
        return new HttpReply(status, "text/plain; charset=utf-8", message, Optional.empty());
    }

    /**
     * Answers with a status and a body that is sent as it is, such as the challenge that a sender wants back.
     *
     * @param status the status code, 200 to 599
     * @param contentType the media type of the body
     * @param body the body
     * @return an answer
     */
    public static HttpReply of(int status, String contentType, String body) {
        return new HttpReply(status, contentType, body, Optional.empty());
    }

    /**
     * Returns the status code.
     *
     * @return 200 to 599
     */
    public int status() {
        return status;
    }

    /**
     * Returns the media type of the body.
     *
     * @return the media type; empty for {@link #accepted}
     */
    public String contentType() {
        return contentType;
    }

    /**
     * Returns the body.
     *
     * @return the body; empty for {@link #accepted}
     */
    public String body() {
        return body;
    }

    /**
     * Returns what was stored.
     *
     * @return the receipt of an {@link #accepted} answer
     */
    public Optional<Receipt> receipt() {
        return receipt;
    }
}
