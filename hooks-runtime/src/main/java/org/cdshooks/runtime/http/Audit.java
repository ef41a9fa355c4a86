package org.cdshooks.runtime.http;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each event that matters to security. What comes from outside is encoded and cut. */
final class Audit {
    private static final Logger LOG = LoggerFactory.getLogger("org.cdshooks.audit");

    private Audit() {}

    static void log(String event, Exchange exchange, String detail) {
        LOG.warn(
                "event={} peer={} method={} path=\"{}\" detail=\"{}\"",
                event,
                LogText.of(exchange.peer(), 64),
                LogText.of(exchange.method(), 20),
                LogText.of(exchange.path(), 300),
                LogText.of(detail, 500));
    }
}
