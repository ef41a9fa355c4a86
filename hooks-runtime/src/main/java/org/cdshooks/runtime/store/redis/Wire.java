package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.RedisHandshakeHandler;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Lettuce, set up for this store: commands fail at once while there is no connection and are never sent a second time
 * behind our back; a connection that was there once comes back by itself. What is different between one Redis, Sentinel
 * and Cluster is in here.
 */
final class Wire implements AutoCloseable {
    private static final Duration RECONNECT = Duration.ofMillis(200);
    private static final int FLUSH_TOGETHER = 64;

    private final RedisAddress address;
    private final int slot;
    private final ClientResources resources;
    private final AutoCloseable client;
    private final Supplier<Lane> connect;
    private final Supplier<StatefulRedisPubSubConnection<String, String>> connectEvents;

    /**
     * The last error that a server has answered in a handshake. If the server hangs up right after it has refused a login,
     * Lettuce tells of the closed connection, or of its own handler that is gone, and not of what the server has said.
     */
    private volatile String refusal = "";

    /** Notes what a server refuses while a connection is set up. */
    private final class ErrorsOfHandshake extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf bytes && bytes.isReadable() && bytes.getByte(bytes.readerIndex()) == '-') {
                refusal = bytes.toString(UTF_8).substring(1).lines().findFirst().orElse("");
            }
            context.fireChannelRead(message);
        }
    }

    /**
     * One connection.
     *
     * @param connection the connection
     * @param commands what it takes now; on a Cluster the node may change
     */
    record Lane(
            StatefulConnection<byte[], byte[]> connection, Supplier<RedisClusterAsyncCommands<byte[], byte[]>> commands)
            implements AutoCloseable {
        @Override
        public void close() {
            var _ = connection.closeAsync();
        }
    }

    Wire(RedisAddress address, RedisOptions options, byte[] routing) {
        this.address = address;
        this.slot = SlotHash.getSlot(routing);
        this.resources = DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .reconnectDelay(Delay.constant(RECONNECT))
                .nettyCustomizer(new NettyCustomizer() {
                    @Override
                    public void afterChannelInitialized(Channel channel) {
                        // What many threads say at the same time goes out in one write instead of one each.
                        channel.pipeline().addFirst(new FlushConsolidationHandler(FLUSH_TOGETHER, true));
                        RedisHandshakeHandler handshake = channel.pipeline().get(RedisHandshakeHandler.class);
                        if (handshake != null) {
                            ErrorsOfHandshake errors = new ErrorsOfHandshake();
                            channel.pipeline()
                                    .addBefore(
                                            channel.pipeline()
                                                    .context(handshake)
                                                    .name(),
                                            null,
                                            errors);
                            var _ = handshake
                                    .channelInitialized()
                                    .thenRun(() -> channel.pipeline().remove(errors));
                        }
                    }
                })
                .build();
        if (address.kind() == RedisAddress.Kind.CLUSTER) {
            RedisClusterClient cluster = RedisClusterClient.create(resources, address.uris());
            ClusterClientOptions.Builder builder = ClusterClientOptions.builder(options(options));
            builder.topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                    .enablePeriodicRefresh(Duration.ofSeconds(5))
                    .build());
            cluster.setOptions(builder.build());
            this.client = cluster;
            this.connect = () -> lane(cluster);
            this.connectEvents = () -> cluster.connectPubSub(StringCodec.UTF8);
        } else {
            RedisClient single = RedisClient.create(resources, address.uris().getFirst());
            single.setOptions(options(options));
            this.client = single;
            this.connect = () -> lane(single);
            this.connectEvents = () -> single.connectPubSub(StringCodec.UTF8);
        }
    }

    private static ClientOptions options(RedisOptions options) {
        ClientOptions.Builder builder = ClientOptions.builder()
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(command -> true)
                .timeoutOptions(TimeoutOptions.enabled(RedisOptions.TIMEOUT))
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(RedisOptions.TIMEOUT)
                        .keepAlive(true)
                        .build());
        options.certificates()
                .ifPresent(file -> builder.sslOptions(
                        SslOptions.builder().trustManager(file.toFile()).build()));
        return builder.build();
    }

    /** Connects; throws what Lettuce throws, or what the server has said if it refused the login. */
    Lane connect() {
        return explained(connect);
    }

    /** Connects for what nodes tell each other. */
    StatefulRedisPubSubConnection<String, String> connectEvents() {
        return explained(connectEvents);
    }

    private <T> T explained(Supplier<T> connecting) {
        refusal = "";
        try {
            return connecting.get();
        } catch (RuntimeException e) {
            String said = refusal;
            if (Refusal.of(said).isEmpty()) {
                throw e;
            }
            throw new RedisCommandExecutionException(said);
        }
    }

    private static Lane lane(RedisClient client) {
        StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
        RedisClusterAsyncCommands<byte[], byte[]> commands = connection.async();
        return new Lane(connection, () -> commands);
    }

    private Lane lane(RedisClusterClient client) {
        StatefulRedisClusterConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
        return new Lane(connection, () -> master(connection).async());
    }

    /**
     * Returns a connection of the node that has our slot: who writes and waits for replicas must do both on the same. The
     * Cluster's own way would refuse the first command to each node, since commands are rejected while there is no connection.
     */
    private StatefulRedisConnection<byte[], byte[]> master(StatefulRedisClusterConnection<byte[], byte[]> connection) {
        RedisClusterNode node = connection.getPartitions().getPartitionBySlot(slot);
        if (node == null) {
            throw new io.lettuce.core.RedisException("no node of the Cluster has slot " + slot);
        }
        return connection.getConnection(node.getNodeId());
    }

    /** Learns anew which node has what. */
    void refresh() {
        if (client instanceof RedisClusterClient cluster) {
            var _ = cluster.refreshPartitionsAsync();
        }
    }

    RedisAddress address() {
        return address;
    }

    @Override
    public void close() {
        switch (client) {
            case RedisClient single -> single.shutdown(Duration.ZERO, RedisOptions.TIMEOUT);
            case RedisClusterClient cluster -> cluster.shutdown(Duration.ZERO, RedisOptions.TIMEOUT);
            default -> throw new IllegalStateException("no client of Lettuce: " + client);
        }
        var _ = resources.shutdown(0, 2, java.util.concurrent.TimeUnit.SECONDS);
    }
}
