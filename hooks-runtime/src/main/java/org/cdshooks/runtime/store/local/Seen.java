package org.cdshooks.runtime.store.local;

import org.cdshooks.runtime.store.local.Entry.Place;
import org.cdshooks.runtime.task.ExecutionKey;

/**
 * An execution as it stood at one moment, to be read outside the lock. Its body is replaced with each change of the body,
 * under another number; so whoever finds the body and the place unchanged has missed nothing.
 */
record Seen(
        Entry entry,
        ExecutionKey key,
        String trigger,
        Place place,
        long until,
        long body,
        long token,
        int crashes,
        boolean crashed) {

    static Seen of(Entry entry) {
        return new Seen(
                entry,
                entry.key(),
                entry.trigger,
                entry.place,
                entry.until,
                entry.body,
                entry.token,
                entry.crashes,
                entry.isCrashed());
    }

    long timestamp() {
        return key.timestamp();
    }
}
