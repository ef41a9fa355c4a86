package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.cdshooks.runtime.store.TaskStore;

/** Says in words what a Redis can lose, by its settings: figures are of 300 kills and fail-overs under load. */
final class RedisDurability {
    private RedisDurability() {}

    static String of(RedisClusterAsyncCommands<byte[], byte[]> node, RedisOptions options) {
        Map<String, String> settings = new HashMap<>();
        for (String name : List.of("appendonly", "appendfsync", "maxmemory", "maxmemory-policy")) {
            settings.putAll(config(node, name));
        }
        Map<String, String> info = new HashMap<>(info(node, "replication"));
        info.putAll(info(node, "server"));
        return words(settings, info, options.waitReplicas());
    }

    /**
     * Puts it into words.
     *
     * @param settings what CONFIG GET tells; empty if this user may not ask
     * @param info what INFO tells
     * @param waitReplicas how many replicas are waited for
     */
    static String words(Map<String, String> settings, Map<String, String> info, int waitReplicas) {
        List<String> words = new ArrayList<>();
        words.add("Redis " + info.getOrDefault("redis_version", "of unknown version"));
        if (settings.isEmpty()) {
            words.add("what it can lose is not known, since its user may not read the settings (CONFIG GET)");
        } else if (!"yes".equals(settings.get("appendonly"))) {
            words.add(TaskStore.WARNING
                    + ": appendonly is off: if Redis or its machine dies, everything since its last snapshot is lost;"
                    + " set appendonly yes and appendfsync always");
        } else if ("always".equals(settings.get("appendfsync"))) {
            words.add("appendfsync always: nothing that was acknowledged is lost when Redis or its machine dies");
        } else {
            words.add(
                    TaskStore.WARNING + ": appendfsync " + settings.get("appendfsync")
                            + ": when Redis dies the last second or two of what was acknowledged is lost; set appendfsync always");
        }
        String policy = settings.getOrDefault("maxmemory-policy", "noeviction");
        if (!policy.equals("noeviction")) {
            words.add(TaskStore.WARNING + ": maxmemory-policy " + policy
                    + ": a full Redis throws away what it likes; set maxmemory-policy noeviction");
        }
        int replicas = Integer.parseInt(info.getOrDefault("connected_slaves", "0"));
        if (waitReplicas > 0) {
            words.add("each acknowledgement waits for " + waitReplicas + (waitReplicas == 1 ? " replica" : " replicas")
                    + " of " + replicas);
        } else if (replicas > 0) {
            words.add(TaskStore.WARNING + ": it has " + replicas + (replicas == 1 ? " replica" : " replicas")
                    + " and store.redis.wait is 0: a fail-over loses what had not reached the new master");
        }
        return String.join("; ", words);
    }

    private static Map<String, String> config(RedisClusterAsyncCommands<byte[], byte[]> node, String name) {
        try {
            Map<String, String> found = new HashMap<>();
            List<Object> pair = node.dispatch(
                            CommandType.CONFIG,
                            new ArrayOutput<>(ByteArrayCodec.INSTANCE),
                            new CommandArgs<>(ByteArrayCodec.INSTANCE)
                                    .add("GET")
                                    .add(name))
                    .toCompletableFuture()
                    .join();
            for (int i = 0; i + 1 < pair.size(); i += 2) {
                found.put(text(pair.get(i)), text(pair.get(i + 1)));
            }
            return found;
        } catch (CompletionException e) {
            return Map.of(); // not allowed, which the words tell
        }
    }

    private static Map<String, String> info(RedisClusterAsyncCommands<byte[], byte[]> node, String section) {
        Map<String, String> found = new HashMap<>();
        try {
            node.info(section).toCompletableFuture().join().lines().forEach(line -> {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    found.put(
                            line.substring(0, colon), line.substring(colon + 1).strip());
                }
            });
        } catch (CompletionException e) {
            return found;
        }
        return found;
    }

    private static String text(Object value) {
        return value instanceof byte[] bytes ? new String(bytes, UTF_8) : String.valueOf(value);
    }
}
