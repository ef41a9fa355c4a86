package org.cdshooks.api;

import java.net.URI;

/** What the runtime offers to the hook of one task. */
@ProvidedByRuntime
public interface HookContext extends NodeContext {

    /**
     * Returns where the outside world reaches the task's {@linkplain Trigger#http endpoint}.
     *
     * @return an absolute address, the same on every node
     */
    URI endpoint();
}
