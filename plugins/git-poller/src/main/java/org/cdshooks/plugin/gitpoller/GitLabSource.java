package org.cdshooks.plugin.gitpoller;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.cdshooks.toolkit.repository.PullRequestChange.Side;

/** GitLab. Its merge requests are pull requests here. */
final class GitLabSource extends JsonSource {
    private final String project;

    GitLabSource(Session session, URI base, String repository) {
        super(session, base, repository);
        this.project = "/projects/" + segment(repository);
    }

    @Override
    public Optional<Listing<Ref>> refs(Part part, List<Page> known) throws PollFailure, InterruptedException {
        boolean isTags = part == Part.TAGS;
        String prefix = isTags ? "refs/tags/" : "refs/heads/";
        return list(
                project + "/repository/" + (isTags ? "tags" : "branches") + "?per_page=100",
                known,
                json -> new Ref(
                        ref(prefix, text(json, "/name")),
                        text(json, "/commit/id"),
                        Optional.of(new Commit(
                                Comparison.person(
                                        "", text(json, "/commit/author_name"), text(json, "/commit/author_email")),
                                message(json, "/commit/message")))),
                Ref::key);
    }

    @Override
    public Optional<Listing<Pull>> pulls(List<Page> known) throws PollFailure, InterruptedException {
        return list(
                project + "/merge_requests?state=opened&scope=all&order_by=created_at&sort=asc&per_page=100",
                known,
                this::read,
                Pull::id);
    }

    @Override
    public Optional<Pull> pull(String id) throws PollFailure, InterruptedException {
        return find(project + "/merge_requests/" + segment(id)).map(this::read);
    }

    private Pull read(JsonNode json) {
        boolean isFork = !text(json, "/source_project_id").equals(text(json, "/target_project_id"));
        return new Pull(
                text(json, "/iid"),
                text(json, "/title"),
                text(json, "/web_url"),
                new Side(isFork ? "" : repository(), text(json, "/source_branch"), text(json, "/sha")),
                new Side(repository(), text(json, "/target_branch"), ""),
                Comparison.person(text(json, "/author/username"), text(json, "/author/name"), ""),
                switch (text(json, "/state")) {
                    case "merged" -> Pull.State.MERGED;
                    case "closed" -> Pull.State.CLOSED;
                    default -> Pull.State.OPEN;
                });
    }

    /** Listings have it. */
    @Override
    public Commit commit(String hash) {
        return Commit.UNKNOWN;
    }
}
