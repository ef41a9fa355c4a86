package org.cdshooks.runtime.task;

/**
 * Which revisions of its task an execution has to do with.
 *
 * @param accepted under which it was accepted, or its timer rang; 0 if that is not known
 * @param executed under which it was worked on last; 0 if it never was, or that is not known
 * @param config under which it runs again
 */
public record RevisionMarks(long accepted, long executed, ReplayConfig config) {
    /** Those of an execution of which nothing is known. */
    public static final RevisionMarks NONE = new RevisionMarks(0, 0, ReplayConfig.NOW);

    RevisionMarks accepted(long revision) {
        return new RevisionMarks(revision, executed, config);
    }

    RevisionMarks executed(long revision) {
        return new RevisionMarks(accepted, revision, config);
    }

    RevisionMarks replayed(ReplayConfig newConfig) {
        return new RevisionMarks(accepted, executed, newConfig);
    }
}
