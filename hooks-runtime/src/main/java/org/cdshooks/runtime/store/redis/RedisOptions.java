package org.cdshooks.runtime.store.redis;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach a Redis and what to ask of it.
 *
 * @param url where it is, in one of the forms that {@link RedisAddress} reads
 * @param username the name of an ACL user; empty for the default user, or if the url says it
 * @param password the password; empty if there is none, or if the url says it
 * @param certificates a file with the certificates (PEM) that are trusted for TLS; empty for those of the Java runtime
 * @param prefix what all keys begin with
 * @param waitReplicas how many replicas must have what was acknowledged; 0 does not ask
 * @param waitTimeout how long they may take
 * @param attempts how many attempts an execution has: of those that CDS's own service has left behind some have used them up
 */
public record RedisOptions(
        String url,
        Optional<String> username,
        Optional<String> password,
        Optional<Path> certificates,
        String prefix,
        int waitReplicas,
        Duration waitTimeout,
        int attempts) {
    /** Within this time Redis answers, or whatever was asked has failed. */
    static final Duration TIMEOUT = Duration.ofSeconds(2);

    /**
     * Makes options for executions with three attempts.
     *
     * @param url where it is
     * @param username the name of an ACL user
     * @param password the password
     * @param certificates a file with the certificates that are trusted
     * @param prefix what all keys begin with
     * @param waitReplicas how many replicas must have what was acknowledged
     * @param waitTimeout how long they may take
     */
    public RedisOptions(
            String url,
            Optional<String> username,
            Optional<String> password,
            Optional<Path> certificates,
            String prefix,
            int waitReplicas,
            Duration waitTimeout) {
        this(url, username, password, certificates, prefix, waitReplicas, waitTimeout, 3);
    }

    /**
     * Makes options that leave all but the address at their defaults.
     *
     * @param url where it is
     * @return the options
     */
    public static RedisOptions of(String url) {
        return new RedisOptions(
                url, Optional.empty(), Optional.empty(), Optional.empty(), "hooks", 0, Duration.ofMillis(100));
    }

    /**
     * Sets the prefix.
     *
     * @param newPrefix what all keys begin with
     * @return a copy with it
     */
    public RedisOptions prefix(String newPrefix) {
        return new RedisOptions(url, username, password, certificates, newPrefix, waitReplicas, waitTimeout, attempts);
    }

    /**
     * Asks for replicas.
     *
     * @param replicas how many must have what was acknowledged
     * @param timeout how long they may take
     * @return a copy with both
     */
    public RedisOptions waitFor(int replicas, Duration timeout) {
        return new RedisOptions(url, username, password, certificates, prefix, replicas, timeout, attempts);
    }

    /**
     * Says how many attempts an execution has, for those that CDS's own service has left behind.
     *
     * @param newAttempts how many, the first one included
     * @return a copy with it
     */
    public RedisOptions attempts(int newAttempts) {
        return new RedisOptions(url, username, password, certificates, prefix, waitReplicas, waitTimeout, newAttempts);
    }

    /** Leaves out what is secret. */
    @Override
    public String toString() {
        return "RedisOptions[" + RedisAddress.withoutSecrets(url) + ", prefix " + prefix + "]";
    }
}
