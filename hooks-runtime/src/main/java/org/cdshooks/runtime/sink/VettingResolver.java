package org.cdshooks.runtime.sink;

import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves a host for the one connection that is about to be made, and hands out only addresses that may be called.
 * The client connects to what it is handed and asks nobody again, so a name that changes its mind between check and
 * use (DNS rebinding) wins nothing.
 *
 * <p>Names are looked up on threads of their own: the system's resolver can't be interrupted and holds the carrier of a
 * virtual thread, so a name server that hangs would else bring every delivery to a halt.
 */
final class VettingResolver implements DnsResolver, AutoCloseable {
    /** How names become addresses. A seam for tests. */
    interface Lookup {
        InetAddress[] resolve(String name) throws UnknownHostException;
    }

    /** By when the call on this thread must be over, by {@link System#nanoTime}. */
    static final ScopedValue<Long> DEADLINE = ScopedValue.newInstance();

    private static final int LOOKUPS = 32;
    private static final int MAX_ADDRESSES = 8;
    private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final AddressGate gate;
    private final Lookup lookup;
    private final ThreadPoolExecutor lookups = new ThreadPoolExecutor(
            0,
            LOOKUPS,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("http-sink-lookup-", 1).factory());

    VettingResolver(AddressGate gate, Lookup lookup) {
        this.gate = gate;
        this.lookup = lookup;
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        Optional<InetAddress> literal;
        try {
            literal = HostLiteral.parse(host);
        } catch (IllegalArgumentException e) {
            throw unknown(String.valueOf(e.getMessage()), e);
        }
        InetAddress[] found = literal.isPresent() ? new InetAddress[] {literal.get()} : lookUp(host);
        List<InetAddress> vetted = new ArrayList<>();
        String objections = "";
        for (InetAddress address : found) {
            Optional<String> objection = gate.objection(address);
            if (objection.isEmpty()) {
                vetted.add(address);
            } else if (objections.isEmpty()) {
                objections = objection.get();
            }
        }
        if (vetted.isEmpty()) {
            throw objections.isEmpty()
                    ? new UnknownHostException("host " + host + " has no address")
                    : new BlockedAddressException(host, objections);
        }
        return vetted.stream().limit(MAX_ADDRESSES).toArray(InetAddress[]::new);
    }

    private InetAddress[] lookUp(String host) throws UnknownHostException {
        long left = DEADLINE.isBound() ? DEADLINE.get() - System.nanoTime() : MAX_WAIT_NANOS;
        Future<InetAddress[]> answer;
        try {
            answer = lookups.submit(() -> lookup.resolve(host));
        } catch (RejectedExecutionException e) {
            throw unknown(LOOKUPS + " look-ups are under way, so " + host + " was not looked up", e);
        }
        try {
            return answer.get(Math.clamp(left, 0, MAX_WAIT_NANOS), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw unknown("host " + host + " is unknown", e);
        } catch (TimeoutException e) {
            throw unknown("host " + host + " was not resolved in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown("interrupted while " + host + " was looked up", new InterruptedIOException());
        } finally {
            answer.cancel(true);
        }
    }

    private static UnknownHostException unknown(String message, Exception cause) {
        UnknownHostException e = new UnknownHostException(message);
        e.initCause(cause);
        return e;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
