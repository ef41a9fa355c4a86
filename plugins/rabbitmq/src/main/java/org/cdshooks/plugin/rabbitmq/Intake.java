package org.cdshooks.plugin.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.HookConfig;

/**
 * Takes what the broker delivers, at most {@code prefetch} messages at a time, stores many at the same time so that the store
 * can make them durable in one go, and acknowledges each when it is stored. What can't be stored now is tried again: the
 * broker sends nothing more meanwhile, and the connection is kept alive by the client.
 */
final class Intake extends DefaultConsumer {
    private static final int AT_A_TIME = 64;
    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_DELAY = Duration.ofSeconds(5);
    private static final Duration LAST_EMITS = Duration.ofSeconds(1);
    private static final Logger LOG = System.getLogger(Intake.class.getName());

    private final Channel channel;
    private final String queue;
    private final TriggerContext context;
    private final int maxMessage;
    private final boolean dedup;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore places = new Semaphore(AT_A_TIME, true);
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final AtomicBoolean troubled = new AtomicBoolean();

    Intake(Channel channel, String queue, HookConfig config, TriggerContext context) {
        super(channel);
        this.channel = channel;
        this.queue = queue;
        this.context = context;
        this.maxMessage = config.get(RabbitMqOptions.MAX_MESSAGE);
        this.dedup = config.get(RabbitMqOptions.DEDUP);
    }

    // ------------------------------------------------------------------------------------------------ the client's
    // side

    /** The channel or its connection has ended. */
    void over(ShutdownSignalException why) {
        var _ = over.completeExceptionally(why);
    }

    @Override
    public void handleCancel(String consumerTag) {
        var _ = over.completeExceptionally(
                new IOException("option queue ('" + queue + "'): the broker ended it; was the queue deleted?"));
    }

    @Override
    public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        Delivery delivery = new Delivery(envelope, properties, body);
        threads.execute(() -> take(delivery));
    }

    // ------------------------------------------------------------------------------------------------ the listener's
    // side

    /** Waits until it is over, and lets out why; false if that takes longer. */
    boolean await(Duration limit) throws InterruptedException, IOException {
        try {
            over.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException runtime -> throw runtime;
                case null, default -> throw new IOException(e);
            }
        }
    }

    /** Lets what is being stored come to its end, for a while. What is not acknowledged then is delivered again. */
    void end() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(LAST_EMITS.toMillis(), TimeUnit.MILLISECONDS)) {
                var _ = threads.shutdownNow();
                var _ = threads.awaitTermination(LAST_EMITS.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            var _ = threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    // ------------------------------------------------------------------------------------------------ storing

    private void take(Delivery delivery) {
        try {
            places.acquire();
            try {
                store(delivery);
            } finally {
                places.release();
            }
            acknowledge(delivery.getEnvelope().getDeliveryTag());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            var _ = over.completeExceptionally(e);
        }
    }

    private void acknowledge(long tag) throws IOException {
        try {
            synchronized (channel) {
                channel.basicAck(tag, false);
            }
        } catch (AlreadyClosedException e) { // then the broker delivers it again
            LOG.log(Level.DEBUG, "Not acknowledged: {0}", e.getMessage());
        }
    }

    private void store(Delivery delivery) throws InterruptedException {
        Invocation invocation = Message.capture(delivery, queue, maxMessage, dedup);
        Duration delay = FIRST_DELAY;
        while (true) {
            try {
                var _ = context.emit(invocation);
                if (troubled.compareAndSet(true, false)) {
                    LOG.log(Level.INFO, "Queue {0}: messages are stored again", queue);
                }
                return;
            } catch (OwnershipLostException e) {
                throw e;
            } catch (IllegalArgumentException e) { // never to be stored
                LOG.log(Level.WARNING, "Queue {0}: a message can''t be stored: {1}", queue, e.getMessage());
                var _ = context.emit(Message.failed(delivery, queue, "the message could not be stored", dedup));
                return;
            } catch (RuntimeException e) {
                if (troubled.compareAndSet(false, true)) {
                    LOG.log(
                            Level.WARNING,
                            "Queue {0}: messages can''t be stored and stay with the broker until they can: {1}",
                            queue,
                            e.getMessage());
                }
            }
            Thread.sleep(delay);
            delay = delay.multipliedBy(2).compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay.multipliedBy(2);
        }
    }
}
