package org.cdshooks.runtime.store.local;

import java.util.Comparator;
import org.cdshooks.runtime.store.RequestLog;

/**
 * Where an entry of the log of requests is.
 *
 * @param number the number of its row
 * @param kind of which kind it is
 * @param task the number of its task
 * @param id its id within the task and kind
 * @param bytes how long its value is
 * @param body the number of its value, which is a {@link Kind#BODY}
 */
record RequestRow(long number, RequestLog.Kind kind, long task, long id, int bytes, long body) {
    /** Which one is the oldest. */
    static final Comparator<RequestRow> BY_AGE =
            Comparator.comparingLong(RequestRow::id).thenComparingLong(RequestRow::number);
}
