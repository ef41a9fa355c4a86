package org.cdshooks.runtime.store;

import java.time.Instant;
import org.cdshooks.runtime.task.Execution;

/**
 * The next run of a timer, which waits for its time.
 *
 * @param execution the run; the timestamp of its key is the nominal time
 * @param due when it rings: the nominal time, or somewhat later if runs are spread
 */
public record Due(Execution execution, Instant due) {}
