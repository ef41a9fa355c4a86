package org.cdshooks.plugin.gitpoller;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.cdshooks.toolkit.repository.PullRequestChange.Side;

/** Gitea and Forgejo. Tags have no commits in them, so those of changes are asked for. */
final class GiteaSource extends JsonSource {
    private final String repo;

    GiteaSource(Session session, URI base, String repository) {
        super(session, base, repository);
        this.repo = "/repos/" + segments(repository);
    }

    @Override
    public Optional<Listing<Ref>> refs(Part part, List<Page> known) throws PollFailure, InterruptedException {
        if (part == Part.TAGS) {
            return list(
                    repo + "/tags?limit=50",
                    known,
                    json -> new Ref(
                            ref("refs/tags/", text(json, "/name")), text(json, "/commit/sha"), Optional.empty()),
                    Ref::key);
        }
        return list(
                repo + "/branches?limit=50",
                known,
                json -> new Ref(
                        ref("refs/heads/", text(json, "/name")),
                        text(json, "/commit/id"),
                        Optional.of(new Commit(
                                Comparison.person(
                                        text(json, "/commit/author/username"),
                                        text(json, "/commit/author/name"),
                                        text(json, "/commit/author/email")),
                                message(json, "/commit/message")))),
                Ref::key);
    }

    @Override
    public Optional<Listing<Pull>> pulls(List<Page> known) throws PollFailure, InterruptedException {
        return list(repo + "/pulls?state=open&sort=oldest&limit=50", known, this::read, Pull::id);
    }

    @Override
    public Optional<Pull> pull(String id) throws PollFailure, InterruptedException {
        return find(repo + "/pulls/" + segment(id)).map(this::read);
    }

    private Pull read(JsonNode json) {
        boolean isOpen = text(json, "/state").equals("open");
        return new Pull(
                text(json, "/number"),
                text(json, "/title"),
                text(json, "/html_url"),
                side(json, "/head"),
                side(json, "/base"),
                Comparison.person(text(json, "/user/login"), text(json, "/user/full_name"), text(json, "/user/email")),
                isOpen ? Pull.State.OPEN : json.path("merged").asBoolean() ? Pull.State.MERGED : Pull.State.CLOSED);
    }

    private static Side side(JsonNode json, String at) {
        return new Side(text(json, at + "/repo/full_name"), text(json, at + "/ref"), text(json, at + "/sha"));
    }

    @Override
    public Commit commit(String hash) throws PollFailure, InterruptedException {
        return find(repo + "/git/commits/" + segment(hash))
                .map(json -> new Commit(
                        Comparison.person(
                                text(json, "/author/login"),
                                text(json, "/commit/author/name"),
                                text(json, "/commit/author/email")),
                        message(json, "/commit/message")))
                .orElse(Commit.UNKNOWN);
    }
}
