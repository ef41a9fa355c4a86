package org.cdshooks.plugin.gitpoller;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The budgets of a node: one for all tasks that ask the same server as the same user. */
final class Budgets {
    private final Map<Key, Budget> budgets = new ConcurrentHashMap<>();

    /** The credential is part of it and is never shown: records show what they hold, so it stays a secret. */
    private record Key(String server, Object credential) {}

    Budget of(String server, Object credential, int perHour) {
        return budgets.computeIfAbsent(new Key(server, credential), key -> new Budget(server, perHour));
    }
}
