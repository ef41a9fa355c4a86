package org.cdshooks.runtime.sink;

import java.io.Serial;
import java.net.UnknownHostException;

/** Thrown instead of a connection when every address of a host is one that may not be called. */
final class BlockedAddressException extends UnknownHostException {
    @Serial
    private static final long serialVersionUID = 1;

    BlockedAddressException(String host, String objection) {
        super("blocked address of " + host + ": " + objection + ", not in " + SinkSettings.ALLOW);
    }
}
