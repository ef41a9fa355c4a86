package org.cdshooks.plugin.repowebhook;

import java.util.List;
import java.util.Set;

/**
 * A kind of version control server, known by a header of its requests.
 *
 * @param name what people call it
 * @param eventHeader the header that names the event
 * @param pushEvents the events that are pushes
 * @param deliveryHeader the header that names the delivery and is the same when it comes again
 * @param format how its pushes are written
 */
record Sender(String name, String eventHeader, Set<String> pushEvents, String deliveryHeader, PushFormat format) {

    /** All of them. The order matters: Forgejo and Gitea also send the headers of those that come after them. */
    static final List<Sender> ALL = List.of(
            new Sender("Forgejo", "x-forgejo-event", Set.of("push"), "x-forgejo-delivery", PushFormat.GITEA),
            new Sender("Gitea", "x-gitea-event", Set.of("push"), "x-gitea-delivery", PushFormat.GITEA),
            new Sender("Gogs", "x-gogs-event", Set.of("push"), "x-gogs-delivery", PushFormat.GITEA),
            // its X-Gitlab-Webhook-UUID and X-Gitlab-Event-UUID are no names of a delivery: see docs/hook-types
            new Sender(
                    "GitLab",
                    "x-gitlab-event",
                    Set.of("Push Hook", "Tag Push Hook"),
                    "idempotency-key",
                    PushFormat.GITLAB),
            new Sender(
                    "Bitbucket Server",
                    "x-event-key",
                    Set.of("repo:refs_changed"),
                    "x-request-id",
                    PushFormat.BITBUCKET_SERVER),
            new Sender(
                    "Bitbucket Cloud",
                    "x-event-key",
                    Set.of("repo:push"),
                    "x-request-uuid",
                    PushFormat.BITBUCKET_CLOUD),
            new Sender("GitHub", "x-github-event", Set.of("push"), "x-github-delivery", PushFormat.GITHUB));
}
