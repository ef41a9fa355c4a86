package org.cdshooks.plugin.gitpoller;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.cdshooks.toolkit.repository.PullRequestChange.Side;

/** GitHub and GitHub Enterprise Server. Listings have no commits in them, so those of changes are asked for. */
final class GitHubSource extends JsonSource {
    private final String repo;

    GitHubSource(Session session, URI base, String repository) {
        super(session, base, repository);
        this.repo = "/repos/" + segments(repository);
    }

    @Override
    public Optional<Listing<Ref>> refs(Part part, List<Page> known) throws PollFailure, InterruptedException {
        boolean isTags = part == Part.TAGS;
        String prefix = isTags ? "refs/tags/" : "refs/heads/";
        return list(
                repo + (isTags ? "/tags" : "/branches") + "?per_page=100",
                known,
                json -> new Ref(ref(prefix, text(json, "/name")), text(json, "/commit/sha"), Optional.empty()),
                Ref::key);
    }

    @Override
    public Optional<Listing<Pull>> pulls(List<Page> known) throws PollFailure, InterruptedException {
        return list(repo + "/pulls?state=open&sort=created&direction=asc&per_page=100", known, this::read, Pull::id);
    }

    @Override
    public Optional<Pull> pull(String id) throws PollFailure, InterruptedException {
        return find(repo + "/pulls/" + segment(id)).map(this::read);
    }

    private Pull read(JsonNode json) {
        boolean isMerged =
                json.path("merged").asBoolean() || !text(json, "/merged_at").isEmpty();
        boolean isOpen = text(json, "/state").equals("open");
        return new Pull(
                text(json, "/number"),
                text(json, "/title"),
                text(json, "/html_url"),
                side(json, "/head"),
                side(json, "/base"),
                Comparison.person(text(json, "/user/login"), "", ""),
                isOpen ? Pull.State.OPEN : isMerged ? Pull.State.MERGED : Pull.State.CLOSED);
    }

    private static Side side(JsonNode json, String at) {
        return new Side(text(json, at + "/repo/full_name"), text(json, at + "/ref"), text(json, at + "/sha"));
    }

    @Override
    public Commit commit(String hash) throws PollFailure, InterruptedException {
        return find(repo + "/commits/" + segment(hash))
                .map(json -> new Commit(
                        Comparison.person(
                                text(json, "/author/login"),
                                text(json, "/commit/author/name"),
                                text(json, "/commit/author/email")),
                        message(json, "/commit/message")))
                .orElse(Commit.UNKNOWN);
    }
}
