package org.cdshooks.plugin.gitpoller;

import java.util.Map;

/** A way to a repository that speaks git's own protocol. Used by one thread, for one poll. */
interface GitRemote {

    /**
     * Asks for all branches and tags, with the commit that each is at.
     *
     * @return what is there by its full name; never a part of it
     * @throws PollFailure if the list was not read to its end
     */
    Map<String, String> list() throws PollFailure, InterruptedException;
}
