/**
 * The hook type {@code RepoWebHook}: a push that a version control server tells by a request becomes one event for each
 * branch and tag. Start at {@link org.cdshooks.plugin.repowebhook.RepoWebhookType}.
 */
@NullMarked
package org.cdshooks.plugin.repowebhook;

import org.jspecify.annotations.NullMarked;
