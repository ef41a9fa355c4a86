package org.cdshooks.api;

import org.cdshooks.api.config.HookConfig;

/** A configured hook, stored by the runtime. One revision of it; it never changes under a hook. */
@ProvidedByRuntime
public interface Task {

    /**
     * Returns the id, kept through all revisions.
     *
     * @return the id
     */
    TaskId id();

    /**
     * Returns the name of the hook type.
     *
     * @return the name, as in its {@linkplain HookTypeDescriptor#name descriptor}
     */
    String type();

    /**
     * Returns the number of this revision. It grows with each update of the task.
     *
     * @return the revision, 1 at first
     */
    long revision();

    /**
     * Returns the options of the hook type, checked and with defaults.
     *
     * @return the options
     */
    HookConfig config();
}
