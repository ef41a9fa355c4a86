package org.cdshooks.runtime.plugin;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The threads of the JDK that carry virtual threads. An interface, so that a test can be the JDK. */
interface Carriers {
    /** What a virtual thread does with the carrier that it is mounted on. */
    record Hold(String carrier, boolean isRunnable) {}

    /** Returns how many carriers there are at most, those left out that the JDK adds for blocking I/O. */
    int parallelism();

    /** Starts a task on a virtual thread. */
    void start(Runnable task);

    /** Allows fewer carriers; those that are busy stay until they are not. */
    void lower(int parallelism);

    /**
     * Allows more carriers and makes the JDK use them.
     *
     * @param isRelieved tells that virtual threads run again
     */
    void raise(int parallelism, BooleanSupplier isRelieved);

    /**
     * Returns the carrier that a virtual thread is mounted on; empty if the thread holds none.
     *
     * @param all whether a thread that holds its carrier while it blocks counts as well, which costs more to find out
     */
    Optional<Hold> holdOf(Thread virtual, boolean all);

    /** Returns the processor time of a carrier since it began, in nanoseconds. */
    long cpuNanos(String carrier);
}
