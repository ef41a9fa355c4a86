package org.cdshooks.runtime.store.local;

import org.jspecify.annotations.Nullable;

/**
 * One value that is written or removed.
 *
 * @param kind what it is
 * @param number its number, unique among all that is read later
 * @param value the value; null to remove it
 */
@SuppressWarnings("ArrayRecordComponent") // values are handed on, never compared
record Change(Kind kind, long number, byte @Nullable [] value) {}
