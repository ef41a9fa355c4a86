package org.cdshooks.testbed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of loopback for servers that are killed and come back on the same port.
 *
 * <p>They are not taken from the system's ephemeral range: there any outgoing connection may sit on the port by the time
 * that its server comes back. Port + 10000 is free too, for the bus of Redis Cluster.
 */
final class Ports {
    private static final int FIRST = 16_000;
    private static final int COUNT = 6_000;
    private static final int BUS = 10_000;

    // Each JVM walks from a place of its own, so that builds side by side rarely try the same port.
    private static int next = ThreadLocalRandom.current().nextInt(COUNT);

    private Ports() {}

    static synchronized int free() {
        for (int tries = 0; tries < COUNT; tries++) {
            next = (next + 1) % COUNT;
            int port = FIRST + next;
            if (isFree(port) && isFree(port + BUS)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + FIRST + " to " + (FIRST + COUNT - 1));
    }

    private static boolean isFree(int port) {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
