package org.cdshooks.runtime.engine;

import java.util.Optional;

/**
 * What the sender of a request gets once it has been stored.
 *
 * @param status the status, 200 to 299
 * @param body the body that the task's owner wants; empty for the usual one
 * @param ending how the execution stands, if the sender waited for that
 */
public record SenderAnswer(int status, Optional<Body> body, Optional<Ending> ending) {
    /** The usual answer. */
    public static final SenderAnswer USUAL = new SenderAnswer(200, Optional.empty(), Optional.empty());

    /**
     * A body.
     *
     * @param contentType its media type
     * @param text the body itself; not sent with 204 and 205
     */
    public record Body(String contentType, String text) {}
}
