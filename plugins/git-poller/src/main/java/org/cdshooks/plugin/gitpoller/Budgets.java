package org.cdshooks.plugin.gitpoller;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * The budgets of a node: one for all tasks that ask the same server as the same user. A credential that nobody polls with
 * any more, such as a token that was changed, is forgotten. Guarded by itself.
 */
final class Budgets {
    private final Map<Key, Budget> budgets = new HashMap<>();

    /** The credential is part of it and is never shown: records show what they hold, so it stays a secret. */
    private record Key(String server, Object credential) {}

    synchronized Budget of(String server, Object credential, int perHour, Instant now) {
        Key key = new Key(server, credential);
        Budget budget = budgets.get(key);
        if (budget == null) {
            budgets.values().removeIf(other -> other.isIdle(now));
            budget = new Budget(server, perHour, now);
            budgets.put(key, budget);
        }
        return budget;
    }

    synchronized int size() {
        return budgets.size();
    }
}
