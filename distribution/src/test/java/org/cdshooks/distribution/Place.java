package org.cdshooks.distribution;

import java.io.IOException;
import java.util.Map;

/** Where a node of the service runs. Its process may be killed and be followed by another. */
final class Place implements AutoCloseable {
    private Service service;
    private boolean running = true;
    private boolean closed;

    Place(Service service) {
        this.service = service;
    }

    /** The process that runs here, or has run here last. */
    synchronized Service service() {
        return service;
    }

    /** Kills the process; {@link #restart} starts another. */
    void kill() throws IOException, InterruptedException {
        synchronized (this) {
            running = false;
        }
        service().kill();
    }

    /** Starts a process on the same data with the same settings, and lets senders go on. */
    void restart() throws IOException, InterruptedException {
        restart(Map.of());
    }

    /** Starts such a process with more settings. */
    void restart(Map<String, String> more) throws IOException, InterruptedException {
        Service successor = service().again(more);
        synchronized (this) {
            service.close();
            service = successor;
            running = true;
            notifyAll();
        }
    }

    /** Waits while a killed process has no successor that runs. */
    synchronized void awaitRunning() throws InterruptedException {
        while (!running && !closed) {
            wait();
        }
    }

    /** Waits until another process runs here than the one that has not answered, if that one is dead. */
    synchronized void awaitSuccessor(Service silent) throws InterruptedException {
        while (service == silent && !silent.isAlive() && !closed) {
            wait();
        }
    }

    /** Stops the process as an operator does and returns its exit code. */
    int terminate() throws InterruptedException {
        return service().terminate();
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        service.close();
        notifyAll();
    }
}
