/**
 * The hook type {@code RepoPoller}: asks from time to time what happened in a repository, and makes an event of each change.
 * Start at {@link org.cdshooks.plugin.gitpoller.RepoPollerType}.
 *
 * <p>There are two ways to ask. {@link org.cdshooks.plugin.gitpoller.HostPoll} asks the host, which asks the server. {@link
 * org.cdshooks.plugin.gitpoller.SnapshotPoll} lists what there is through a {@link
 * org.cdshooks.plugin.gitpoller.Source} and compares it with what there was: that is the cursor, and it is stored in one
 * step with the events.
 */
@NullMarked
package org.cdshooks.plugin.gitpoller;

import org.jspecify.annotations.NullMarked;
