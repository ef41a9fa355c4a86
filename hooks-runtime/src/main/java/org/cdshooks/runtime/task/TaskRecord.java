package org.cdshooks.runtime.task;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.cdshooks.api.TaskId;

/**
 * A task as it is stored.
 *
 * @param id its id
 * @param type the name of its hook type; no plugin need be there for it
 * @param config its options as written, sorted by name; secrets in clear, so never show it as it is
 * @param stopped whether it was told not to fire
 * @param stopReason why it was stopped if the service did so; empty otherwise
 * @param revision grows with each change, set by the store; 0 before it is stored
 * @param createdAt when it was first stored, in nanoseconds since the epoch, set by the store; 0 before
 * @param silentIn under which circumstances (the build of its plugin and the like) its hook was seen not to listen, in
 *     the engine's own words; empty if it listens or nobody has looked
 * @param stopMode how it is stopped; {@code STOP} if it is not
 */
public record TaskRecord(
        TaskId id,
        String type,
        Map<String, ConfigValue> config,
        boolean stopped,
        String stopReason,
        long revision,
        long createdAt,
        String silentIn,
        StopMode stopMode) {

    /** Copies the config. */
    public TaskRecord {
        config = Collections.unmodifiableMap(new TreeMap<>(config));
    }

    /**
     * Makes a task that is not stored yet.
     *
     * @param id its id
     * @param type the name of its hook type
     * @param config its options as written
     * @return a task that is not stopped
     */
    public static TaskRecord of(TaskId id, String type, Map<String, ConfigValue> config) {
        return new TaskRecord(id, type, config, false, "", 0, 0, "", StopMode.STOP);
    }

    /**
     * Adds or replaces a value of the config.
     *
     * @param name its name
     * @param value the value
     * @return a copy with it
     */
    public TaskRecord with(String name, ConfigValue value) {
        Map<String, ConfigValue> all = new TreeMap<>(config);
        all.put(name, value);
        return new TaskRecord(id, type, all, stopped, stopReason, revision, createdAt, "", stopMode);
    }

    /**
     * Replaces the config by another form of it: what the task does stays the same.
     *
     * @param form the same values in another form
     * @return a copy with it
     */
    public TaskRecord withConfig(Map<String, ConfigValue> form) {
        return new TaskRecord(id, type, form, stopped, stopReason, revision, createdAt, silentIn, stopMode);
    }

    /**
     * Starts the task.
     *
     * @return a copy that is not stopped
     */
    public TaskRecord started() {
        return new TaskRecord(id, type, config, false, "", revision, createdAt, silentIn, StopMode.STOP);
    }

    /**
     * Stops the task.
     *
     * @param reason why, if the service itself does so; empty if a user does
     * @return a copy that is stopped
     */
    public TaskRecord stopped(String reason) {
        return new TaskRecord(id, type, config, true, reason, revision, createdAt, silentIn, StopMode.STOP);
    }

    /**
     * Stops the task and refuses requests.
     *
     * @param drain whether what was accepted before is executed
     * @return a copy that is disabled
     */
    public TaskRecord disabled(boolean drain) {
        StopMode mode = drain ? StopMode.DRAIN : StopMode.DISABLE;
        return new TaskRecord(id, type, config, true, "", revision, createdAt, silentIn, mode);
    }

    /**
     * Stops the task for a reason of the service's own: requests are refused, what was accepted before is executed.
     *
     * @param reason why, for the user; not empty
     * @return a copy that is suspended
     */
    public TaskRecord suspended(String reason) {
        return new TaskRecord(id, type, config, true, reason, revision, createdAt, silentIn, StopMode.DRAIN);
    }

    /** Tells whether the service itself has suspended the task, and may start it again. */
    public boolean isSuspended() {
        return stopped && stopMode == StopMode.DRAIN && !stopReason.isEmpty();
    }

    /**
     * Sets what a store sets.
     *
     * @param newRevision the revision
     * @param newCreatedAt when the task was first stored, in nanoseconds since the epoch
     * @return a copy with both
     */
    public TaskRecord stored(long newRevision, long newCreatedAt) {
        return new TaskRecord(id, type, config, stopped, stopReason, newRevision, newCreatedAt, silentIn, stopMode);
    }

    /**
     * Remembers whether the hook of this config listens.
     *
     * @param circumstances under which it was seen not to; empty if it does, or if it is not known
     * @return a copy with it
     */
    public TaskRecord silentIn(String circumstances) {
        return new TaskRecord(id, type, config, stopped, stopReason, revision, createdAt, circumstances, stopMode);
    }

    /**
     * Tells whether a user sees no difference to another state of the same task.
     *
     * @param other another one
     * @return false if type, config or whether and how it is stopped differ
     */
    public boolean looksLike(TaskRecord other) {
        return type.equals(other.type)
                && config.equals(other.config)
                && stopped == other.stopped
                && stopReason.equals(other.stopReason)
                && stopMode == other.stopMode;
    }

    /** Leaves the config out, since it holds secrets. */
    @Override
    public String toString() {
        return "TaskRecord[" + id + ", " + type + ", revision " + revision + (stopped ? ", stopped]" : "]");
    }
}
