package org.cdshooks.runtime.store.redis;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.cdshooks.runtime.store.StoreContents;
import org.cdshooks.runtime.store.TaskStore;

/** Opens stores on Redis. */
public final class RedisStores {
    private RedisStores() {}

    /**
     * Opens a store. Redis need not be there: the store says so by {@link TaskStore#problem()} until it is.
     *
     * @param options where Redis is
     * @return the store
     * @throws IllegalArgumentException if the options make no sense, in words that go behind the option's name
     */
    public static TaskStore open(RedisOptions options) {
        return new RedisTaskStore(options, Optional.empty());
    }

    /**
     * Opens a store whose time is not that of Redis, for tests.
     *
     * @param options where Redis is
     * @param clock judges what is due, leases and deliveries
     * @return the store
     */
    public static TaskStore open(RedisOptions options, InstantSource clock) {
        return new RedisTaskStore(options, Optional.of(clock));
    }

    /**
     * Opens a Redis to move all that it holds. A Redis that CDS's own service has filled is taken over first.
     *
     * @param options where Redis is
     * @param waiting hears in words what is waited for, again and again
     * @return the contents
     * @throws org.cdshooks.runtime.store.StoreInUseException if nodes use it
     * @throws org.cdshooks.runtime.store.StoreUnavailableException if it can't be reached
     */
    public static StoreContents contents(RedisOptions options, Consumer<String> waiting) {
        return RedisContents.open(options, Optional.empty(), waiting);
    }

    /**
     * Opens a Redis whose time is not its own, for tests.
     *
     * @param options where Redis is
     * @param clock judges leases and deliveries
     * @return the contents
     */
    public static StoreContents contents(RedisOptions options, InstantSource clock) {
        return RedisContents.open(options, Optional.of(clock), words -> {});
    }

    /**
     * Checks the address and the login.
     *
     * @param options where Redis is
     * @throws IllegalArgumentException in words that go behind the option's name
     */
    public static void checkAddress(RedisOptions options) {
        RedisAddress address = RedisAddress.of(options);
        if (address.kind() == RedisAddress.Kind.CLUSTER && !new RedisKeys(options.prefix()).hasHashTag()) {
            throw new IllegalArgumentException(
                    "is a Cluster, where all keys must share a slot: set store.redis.prefix to {" + options.prefix()
                            + "}");
        }
    }

    /**
     * Checks the prefix of keys.
     *
     * @param options what all keys begin with
     * @throws IllegalArgumentException in words that go behind the option's name
     */
    public static void checkPrefix(RedisOptions options) {
        var _ = new RedisKeys(options.prefix());
    }

    /**
     * Returns a URL as it may be shown.
     *
     * @param url any text
     * @return the text, with stars where a login is in it
     */
    public static String withoutSecrets(String url) {
        return RedisAddress.withoutSecrets(url);
    }
}
