package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.Test;

class RedisDurabilityTest {
    private static String words(Map<String, String> settings, int replicas, int wait) {
        return RedisDurability.words(
                settings, Map.of("redis_version", "7.0.15", "connected_slaves", "" + replicas), wait);
    }

    @Test
    void onlyAlwaysLosesNothing() {
        assertThat(words(Map.of("appendonly", "yes", "appendfsync", "always"), 0, 0))
                .contains("Redis 7.0.15", "nothing that was acknowledged is lost")
                .doesNotContain("WARNING");
        assertThat(words(Map.of("appendonly", "yes", "appendfsync", "everysec"), 0, 0))
                .contains("WARNING: appendfsync everysec", "last second or two", "set appendfsync always");
        assertThat(words(Map.of("appendonly", "no", "appendfsync", "always"), 0, 0))
                .contains("WARNING: appendonly is off", "everything since its last snapshot");
    }

    @Test
    void evictionIsWarnedOf() {
        Map<String, String> settings =
                Map.of("appendonly", "yes", "appendfsync", "always", "maxmemory-policy", "allkeys-lru");

        assertThat(words(settings, 0, 0))
                .contains("WARNING: maxmemory-policy allkeys-lru", "set maxmemory-policy noeviction");
    }

    @Test
    void replicasWithoutWaitingAreWarnedOf() {
        Map<String, String> settings = Map.of("appendonly", "yes", "appendfsync", "always");

        assertThat(words(settings, 2, 0)).contains("WARNING: it has 2 replicas and store.redis.wait is 0");
        assertThat(words(settings, 2, 1)).contains("waits for 1 replica of 2").doesNotContain("WARNING");
    }

    @Test
    void aUserThatMayNotReadTheSettingsIsToldSo() {
        assertThat(words(Map.of(), 0, 0)).contains("is not known", "CONFIG GET");
    }

    @Test
    void aRealRedisIsReadAtTheStart() {
        try (RedisServer redis = RedisServer.start(RedisServer.Options::durable);
                TaskStore store = RedisStores.open(RedisOptions.of(redis.uri()))) {
            assertThat(store.durability())
                    .contains("Redis " + redis.version(), "appendfsync always: nothing that was acknowledged is lost")
                    .doesNotContain("WARNING");
        }
    }

    @Test
    void aRestrictedUserCanWorkAndIsToldWhatItCantRead() {
        String[] rules = ("~hooks:* resetchannels &hooks:* -@all +@read +@write +@scripting +@pubsub +@connection"
                        + " +publish +time +info +ping")
                .split(" ");
        try (RedisServer redis = RedisServer.start(options -> options.user("hooks", "secret", rules));
                TaskStore store = RedisStores.open(RedisOptions.of("redis://hooks:secret@127.0.0.1:" + redis.port()))) {
            assertThat(store.problem()).isEmpty();
            assertThat(store.durability()).contains("CONFIG GET");
            store.putTask(org.cdshooks.runtime.store.Samples.task("a"), java.util.Optional.empty());
            assertThat(store.counts().tasks()).isEqualTo(1);
        }
    }
}
