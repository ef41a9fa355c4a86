package org.cdshooks.runtime.store;

/**
 * How many executions a task has.
 *
 * @param total all of them
 * @param waiting those whose time has not come: a timer's waiting run, retries
 * @param queued those that wait for a worker
 * @param doing those under lease
 * @param failed the FAILED ones
 */
public record TaskCounts(int total, int waiting, int queued, int doing, int failed) {
    /** No executions. */
    public static final TaskCounts NONE = new TaskCounts(0, 0, 0, 0, 0);

    /**
     * Returns how many are not finished.
     *
     * @return all that wait or are worked on
     */
    public int unfinished() {
        return waiting + queued + doing;
    }
}
