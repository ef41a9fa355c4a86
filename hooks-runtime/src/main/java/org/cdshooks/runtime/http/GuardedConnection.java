package org.cdshooks.runtime.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection with its limits. The library's connection does the work; this one stands between it and the socket, knows
 * what the connection is waiting for and since when, and counts what arrives. So a peer that sends too slowly or too much is
 * found out in the middle of a header, of a chunk or of a chunk's size, where the library has no limit of its own, and so is a
 * peer that does not read its answer.
 *
 * <p>Everything but {@link #check}, {@link #makesRoom} and {@link #close} runs on the thread of the connection.
 */
final class GuardedConnection implements ServerConnection, InterruptableTask<Void> {
    /** The connection that the current thread serves. */
    static final ScopedValue<GuardedConnection> CURRENT = ScopedValue.newInstance();

    /** How much more than a limit may be held: what a socket read brings, and the framing of chunks. */
    private static final long SLACK = 64 << 10;

    /** How much of each body is not counted, so that small requests get through whatever large ones do. */
    private static final long UNCOUNTED = 16 << 10;

    /** How much of an answer is written at once; the peer has a time to read that much. */
    static final int PIECE = 16 << 10;

    private static final int MAX_LINGER_BYTES = 256 << 10;
    private static final long LINGER_NANOS = Duration.ofMillis(200).toNanos();
    private static final long WRITE_NANOS = Duration.ofSeconds(1).toNanos();

    /** What a connection waits for. */
    enum Phase {
        IDLE,
        HEAD,
        WORK,
        BODY,
        ANSWER,
        LINGER,
        EXPIRED
    }

    private record Moment(Phase phase, long since) {}

    private final HelidonSocket socket;
    private final DataWriter writer;
    private final HttpLimits limits;
    private final BodyRoom room;
    private final LongSupplier nanoTime;
    private final Runnable onEnd;
    private final RequestSlot slot = new RequestSlot();
    private final GuardedContext context;
    private final ServerConnection inner;
    private final AtomicReference<Moment> moment;

    private volatile @Nullable Thread thread;
    /** Whether a request has come. Written by the connection's thread only. */
    private volatile boolean used;

    /** Bytes of all requests that have been read. Written by the connection's thread only. */
    private volatile long received;

    /** Bytes of all answers that have been written. Written by the connection's thread only. */
    private volatile long sent;

    /** Bytes of the current body that have arrived. Written by the connection's thread only. */
    private volatile long arrived;

    private long bodyLimit;
    private long taken;
    private long held;
    private boolean first = true;
    private long inRoom;
    private boolean overflow;
    private boolean noRoom;
    private boolean ended;
    private boolean clean;

    GuardedConnection(
            ConnectionContext context,
            ServerConnectionSelector protocol,
            HttpLimits limits,
            BodyRoom room,
            LongSupplier nanoTime,
            Runnable onEnd) {
        this.socket = context.serverSocket();
        this.writer = context.dataWriter();
        this.limits = limits;
        this.room = room;
        this.nanoTime = nanoTime;
        this.onEnd = onEnd;
        this.moment = new AtomicReference<>(now(Phase.IDLE));
        this.context = new GuardedContext(context, this::read, this::write);
        this.inner = protocol.connection(this.context);
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        thread = Thread.currentThread();
        try {
            if (!hasExpired()) { // given up before there was a thread to interrupt
                serve(limit);
            }
        } finally {
            slot.end();
            bodyForgotten();
            if (!ended && !clean) {
                linger();
            }
            onEnd.run();
        }
    }

    private void serve(Limit limit) throws InterruptedException {
        ScopedValue.where(CURRENT, this).call(() -> {
            inner.handle(limit);
            return null;
        });
    }

    @Override
    @Deprecated(forRemoval = true)
    @SuppressWarnings("removal")
    public void handle(Semaphore requestSemaphore) throws InterruptedException {
        handle(FixedLimit.create(requestSemaphore));
    }

    /** The request's head has arrived whole: from now on it is the server that takes its time. */
    void working() {
        used = true;
        enter(Phase.WORK);
    }

    /** The answer has been sent. */
    void idle() {
        enter(Phase.IDLE);
    }

    /** The slot of the request that is under way. */
    RequestSlot slot() {
        return slot;
    }

    /** The peer has been answered and has nothing more to say: the connection can be closed without more ado. */
    void clean() {
        clean = true;
    }

    /**
     * A body is about to be read. The request has no slot until all of the body has come.
     *
     * @param limit how many bytes of it are wanted at most
     */
    void bodyBegins(long limit) {
        slot.pause();
        bodyLimit = limit;
        taken = 0;
        held = 0;
        arrived = 0;
        enter(Phase.BODY);
    }

    /** Bytes of the body have been taken over by the route. */
    void bodyTaken(int bytes) {
        taken += bytes;
        held = 0;
    }

    /** The body has been read to its end; tells whether there was a slot for the rest of the request. */
    boolean bodyEnds() {
        enter(Phase.WORK);
        return slot.resume();
    }

    /** The request is over: its body is not needed any more. */
    void bodyForgotten() {
        room.giveBack(inRoom);
        inRoom = 0;
    }

    /** Lets the library read ahead by a byte, which is how it finds out that the peer has hung up. */
    void watchPeer() {
        socket.idle();
    }

    /** Tells whether the peer has not hung up, as far as is known. */
    boolean isPeerThere() {
        return socket.isConnected();
    }

    /** Tells whether reading was broken off because the bodies of all connections together were too much. */
    boolean hasFoundNoRoom() {
        return noRoom;
    }

    /** Tells whether reading was broken off because more came than the limit allows. */
    boolean hasOverflown() {
        return overflow;
    }

    /** Tells whether the connection was given up because the peer took too long. */
    boolean hasExpired() {
        return moment().phase() == Phase.EXPIRED;
    }

    /** Tells whether the peer has closed its side. */
    boolean hasEnded() {
        return ended;
    }

    /** What the connection waits for. */
    Phase phase() {
        return moment().phase();
    }

    /** How many bytes have been read from the peer. */
    long received() {
        return received;
    }

    /** How many bytes the peer's system has taken. */
    long sent() {
        return sent;
    }

    /** Tells whether a request has ever come. */
    boolean isUsed() {
        return used;
    }

    /** Since when the connection waits for a request to come or to become whole; empty if it has other things to do. */
    OptionalLong waitingSince() {
        Moment seen = moment();
        return isWaiting(seen) ? OptionalLong.of(seen.since()) : OptionalLong.empty();
    }

    /** Gives the connection up if it still waits for a request, so that another one has room; tells whether it did. */
    boolean makesRoom() {
        Moment seen = moment();
        return expire(seen, isWaiting(seen), false);
    }

    private static boolean isWaiting(Moment seen) {
        return seen.phase() == Phase.IDLE || seen.phase() == Phase.HEAD;
    }

    /**
     * Gives the connection up if its peer takes too long. Called by the watchdog every now and then; never blocks.
     */
    void check() {
        Moment seen = moment();
        long passed = nanoTime.getAsLong() - seen.since();
        switch (seen.phase()) {
            case IDLE -> expire(seen, passed > limits.idleTimeout().toNanos(), false);
            case HEAD -> expire(seen, passed > limits.headerTimeout().toNanos(), true);
            case BODY -> expire(seen, isBodyTooSlow(passed), true);
            case ANSWER -> expire(seen, passed > limits.answerTimeout().toNanos(), false);
            case LINGER -> expire(seen, passed > LINGER_NANOS, false);
            case EXPIRED -> {
                if (passed > WRITE_NANOS) { // it could not even be told: the peer does not read
                    interrupt();
                }
            }
            case WORK -> {}
        }
    }

    private boolean isBodyTooSlow(long passed) {
        if (passed > limits.bodyTimeout().toNanos()) {
            return true;
        }
        double seconds = passed / 1e9;
        return passed > limits.slowStart().toNanos() && arrived < limits.minBodyRate() * seconds;
    }

    private boolean expire(Moment seen, boolean due, boolean tell) {
        if (!due || !moment.compareAndSet(seen, now(Phase.EXPIRED))) {
            return false;
        }
        if (tell) {
            // On a thread of its own, since the peer may not read; an interrupt would close the socket before the
            // answer.
            Thread.ofVirtual().name("http-408").start(() -> {
                try {
                    writer.writeNow(BufferData.create(ProtocolErrors.raw(408)));
                } catch (RuntimeException e) {
                    // the peer is gone, which is what this is about
                } finally {
                    interrupt();
                }
            });
        } else {
            interrupt();
        }
        return true;
    }

    /** Ends the connection at once, whatever it is doing. */
    void interrupt() {
        Thread current = thread;
        if (current != null) {
            current.interrupt();
        }
    }

    private Moment moment() {
        return Objects.requireNonNull(moment.get(), "set from the start");
    }

    private void enter(Phase phase) {
        enter(moment(), now(phase));
    }

    private void enter(Moment before, Moment next) {
        if (before.phase() == Phase.EXPIRED || !moment.compareAndSet(before, next)) {
            throw new CloseConnectionException("given up: the peer took too long");
        }
    }

    private Moment now(Phase phase) {
        return new Moment(phase, nanoTime.getAsLong());
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes
    private void sent(int bytes) {
        sent += bytes;
    }

    /** Writes piece by piece, so that a large answer may take its time as long as the peer goes on reading. */
    private void write(BufferData buffer) {
        slot.pause();
        Moment before = moment();
        Moment current = now(Phase.ANSWER);
        enter(before, current);
        while (buffer.available() > PIECE) {
            byte[] piece = new byte[PIECE];
            int length = buffer.read(piece);
            writer.writeNow(BufferData.create(piece, 0, length));
            Moment next = now(Phase.ANSWER);
            enter(current, next);
            current = next;
            sent(length);
        }
        int rest = buffer.available();
        writer.writeNow(buffer);
        enter(current, before);
        sent(rest);
    }

    private byte @Nullable [] read() {
        byte[] bytes = first ? readFirst() : pull();
        first = false;
        return bytes;
    }

    /** Reads the first line whole, since an HTTP/1.0 request must be known before the library sees it. */
    private byte @Nullable [] readFirst() {
        byte[] bytes = pull();
        while (bytes != null && indexOfLineEnd(bytes) < 0 && bytes.length <= limits.maxRequestLine()) {
            byte[] more = pull();
            if (more == null) {
                return bytes;
            }
            bytes = Http10.concat(bytes, more);
        }
        return bytes != null && Http10.isHttp10(bytes, indexOfLineEnd(bytes))
                ? Http10.translated(bytes, this::pull, limits.maxHeaderBytes())
                : bytes;
    }

    private static int indexOfLineEnd(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes; the watchdog reads
    private byte @Nullable [] pull() {
        byte[] bytes;
        try {
            bytes = socket.get();
        } catch (UncheckedIOException e) {
            ended = true;
            throw new ServerConnectionException("can't read from " + socket.childSocketId(), e);
        }
        if (bytes == null) {
            ended = true;
            return null;
        }
        received += bytes.length;
        Phase phase = moment().phase();
        if (phase == Phase.IDLE) {
            enter(Phase.HEAD);
        } else if (phase == Phase.BODY) {
            arrived += bytes.length;
            held += bytes.length;
            if (taken + held > bodyLimit + SLACK) {
                overflow = true;
                throw new IllegalStateException("body too large");
            }
            takeRoom();
        }
        return bytes;
    }

    private void takeRoom() {
        long more = arrived - UNCOUNTED - inRoom;
        if (more <= 0) {
            return;
        }
        if (!room.take(more)) {
            noRoom = true;
            throw new IllegalStateException("no room for the body");
        }
        inRoom += more;
    }

    /** Reads what is still under way for a moment: closing before it has come makes the peer's system drop our answer. */
    private void linger() {
        try {
            enter(Phase.LINGER);
            int left = MAX_LINGER_BYTES;
            byte[] bytes = socket.get();
            while (bytes != null && left > 0) {
                left -= bytes.length;
                bytes = socket.get();
            }
        } catch (RuntimeException e) {
            // closed by the peer or by the watchdog: either will do
        }
    }

    @Override
    public Duration idleTime() {
        return inner.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
        inner.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
        return inner instanceof InterruptableTask<?> task && task.canInterrupt();
    }
}
