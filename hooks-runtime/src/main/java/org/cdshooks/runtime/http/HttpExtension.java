package org.cdshooks.runtime.http;

import io.helidon.webserver.http.Handler;

/**
 * Routes that another package adds, such as metrics or a console. The server does for them what it does for its own:
 * limits, authentication, the connection's end. All methods arrive; an answer must be sent before the handler returns.
 *
 * @param prefix the path, such as {@code /metrics}; what is below it arrives, too
 * @param authenticated whether the service hash is asked for
 * @param handler answers; called on the virtual thread of the connection
 */
public record HttpExtension(String prefix, boolean authenticated, Handler handler) {
    /** Checks the prefix. */
    public HttpExtension {
        if (!prefix.matches("/[a-z0-9._-]+(/[a-z0-9._-]+)*")) {
            throw new IllegalArgumentException("prefix must look like /metrics: " + prefix);
        }
    }
}
