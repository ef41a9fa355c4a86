package org.cdshooks.runtime.launch;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The keys that operators of CDS's own service know: the section {@code [hooks]} of its TOML file, and {@code CDS_HOOKS_…} in
 * the environment (PROTOCOL 8). They are understood wherever our own keys are.
 */
final class CdsKeys {
    private static final String ENVIRONMENT_PREFIX = "CDS_HOOKS_";

    /** What CDS reads as a switch that is off. */
    private static final Set<String> OFF = Set.of("", "false", "f", "0");

    private static final Map<String, Meaning> MEANINGS = new LinkedHashMap<>();

    static {
        is("name", "cds.name");
        is("URL", "cds.url");
        is("urlPublic", "urlPublic");
        is("http.addr", "http.host");
        is("http.port", "http.port");
        is("retryDelay", "retryDelay");
        is("retryError", "retryError");
        is("executionHistory", "executionHistory");
        is("api.http.url", "cds.api.url");
        is("api.http.insecure", "cds.api.insecure");
        is("api.token", "cds.api.token");
        is("api.maxHeartbeatFailures", "cds.api.maxHeartbeatFailures");
        is("cache.redis.host", "store.redis.url");
        is("cache.redis.password", "store.redis.password");
        isNot("disable", "has no counterpart: to accept without working on anything, switch maintenance on");
        isNot("api.grpc.url", "is not needed: everything goes over api.http.url");
        isNot("api.grpc.insecure", "is not needed: everything goes over api.http.url");
        isNot("api.requestTimeout", "has never had an effect; cds.api.requestTimeout says how long a call may take");
        isNot("cache.ttl", "has never had an effect");
    }

    private CdsKeys() {}

    /** What a key of CDS means here. */
    sealed interface Meaning {
        /**
         * One of our keys.
         *
         * @param key its name
         */
        record Ours(String key) implements Meaning {}

        /**
         * Nothing.
         *
         * @param why in words that follow the key
         */
        record Nothing(String why) implements Meaning {
            /** Tells whether a value asks for something: a switch that is off, or no value, does not. */
            boolean isAskedFor(String value) {
                return !OFF.contains(value.strip().toLowerCase(Locale.ROOT));
            }
        }
    }

    private static void is(String key, String ours) {
        MEANINGS.put(key, new Meaning.Ours(ours));
    }

    private static void isNot(String key, String why) {
        MEANINGS.put(key, new Meaning.Nothing(why));
    }

    /** Returns all keys as CDS writes them, in the order of its documentation. */
    static Map<String, Meaning> all() {
        return java.util.Collections.unmodifiableMap(MEANINGS);
    }

    /** Returns what a key of the section {@code [hooks]} means; upper and lower case are the same, as for CDS. */
    static Optional<Meaning> ofKey(String key) {
        return MEANINGS.entrySet().stream()
                .filter(known -> known.getKey().equalsIgnoreCase(key))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Returns what a variable of the environment means; empty if CDS has no such variable. */
    static Optional<Meaning> ofVariable(String variable) {
        return MEANINGS.entrySet().stream()
                .filter(known -> environmentName(known.getKey()).equals(variable))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    static boolean isVariable(String variable) {
        return variable.startsWith(ENVIRONMENT_PREFIX);
    }

    /** {@code api.http.url} is {@code CDS_HOOKS_API_HTTP_URL} in the environment. */
    static String environmentName(String key) {
        return ENVIRONMENT_PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }
}
