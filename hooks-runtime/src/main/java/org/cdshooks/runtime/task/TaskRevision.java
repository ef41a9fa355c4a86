package org.cdshooks.runtime.task;

/**
 * A task as it was from one change that a user can see to the next one. A change that nobody can see, such as a start of a
 * task that is started, gives a task another revision and makes none of these; so one holds for several numbers.
 *
 * @param task the task; its revision is the first number for which this holds
 * @param until the first number for which this does not hold any more; {@link #OPEN} if it holds still
 * @param changedAt when it was made, in nanoseconds since the epoch; 0 if that is not known
 */
public record TaskRevision(TaskRecord task, long until, long changedAt) {
    /** The end of what holds still. */
    public static final long OPEN = Long.MAX_VALUE;

    /**
     * Returns the number that it is known by.
     *
     * @return the first number for which it holds
     */
    public long number() {
        return task.revision();
    }

    /**
     * Tells whether it is what the task is now.
     *
     * @return false if it was followed by another one
     */
    public boolean isNewest() {
        return until == OPEN;
    }

    /**
     * Tells whether the task was this when it had a number.
     *
     * @param number a revision of the task
     * @return true if it was
     */
    public boolean holds(long number) {
        return number >= number() && number < until;
    }
}
