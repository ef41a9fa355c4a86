package org.cdshooks.runtime.launch;

import java.io.Serial;
import java.net.SocketException;
import java.net.UnknownHostException;

/** Thrown when the service can't listen where it is told to. */
final class AddressException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    AddressException(String host, int port, Throwable cause) {
        super(
                "can't listen on " + host + ":" + port + ": " + reason(cause)
                        + "; choose another with --port N, http.port or http.host (HOOKS_HTTP_PORT, HOOKS_HTTP_HOST)",
                cause);
    }

    /** Tells whether a failure comes from the address and not from something else that went wrong. */
    static boolean isCauseOf(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketException || cause instanceof UnknownHostException) {
                return true;
            }
        }
        return false;
    }

    private static String reason(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root instanceof java.net.BindException
                ? "the address is in use or not of this machine (" + root.getMessage() + ")"
                : String.valueOf(root.getMessage());
    }
}
