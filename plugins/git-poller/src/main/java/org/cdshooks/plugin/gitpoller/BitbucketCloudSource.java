package org.cdshooks.plugin.gitpoller;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.cdshooks.toolkit.repository.PullRequestChange.Side;

/** Bitbucket Cloud. */
final class BitbucketCloudSource extends JsonSource {
    private final String repo;

    BitbucketCloudSource(Session session, URI base, String repository) {
        super(session, base, repository);
        this.repo = "/repositories/" + segments(repository);
    }

    @Override
    JsonNode elements(JsonNode page) {
        return page.path("values");
    }

    @Override
    Optional<String> next(Answer answer) {
        return Optional.of(text(answer.json(), "/next")).filter(next -> !next.isEmpty());
    }

    @Override
    public Optional<Listing<Ref>> refs(Part part, List<Page> known) throws PollFailure, InterruptedException {
        boolean isTags = part == Part.TAGS;
        String prefix = isTags ? "refs/tags/" : "refs/heads/";
        return list(
                repo + "/refs/" + (isTags ? "tags" : "branches") + "?pagelen=100&sort=name",
                known,
                json -> new Ref(
                        ref(prefix, text(json, "/name")), text(json, "/target/hash"), Optional.of(commitOf(json))),
                Ref::key);
    }

    private static Commit commitOf(JsonNode json) {
        String raw = text(json, "/target/author/raw");
        int open = raw.lastIndexOf('<');
        int close = raw.lastIndexOf('>');
        boolean hasAddress = open >= 0 && close > open;
        String name = (hasAddress ? raw.substring(0, open) : raw).strip();
        return new Commit(
                Comparison.person(
                        text(json, "/target/author/user/nickname"),
                        name,
                        hasAddress ? raw.substring(open + 1, close) : ""),
                message(json, "/target/message"));
    }

    @Override
    public Optional<Listing<Pull>> pulls(List<Page> known) throws PollFailure, InterruptedException {
        return list(repo + "/pullrequests?state=OPEN&sort=id&pagelen=50", known, this::read, Pull::id);
    }

    @Override
    public Optional<Pull> pull(String id) throws PollFailure, InterruptedException {
        return find(repo + "/pullrequests/" + segment(id)).map(this::read);
    }

    private Pull read(JsonNode json) {
        return new Pull(
                text(json, "/id"),
                text(json, "/title"),
                text(json, "/links/html/href"),
                side(json, "/source"),
                side(json, "/destination"),
                Comparison.person(text(json, "/author/nickname"), text(json, "/author/display_name"), ""),
                switch (text(json, "/state")) {
                    case "OPEN" -> Pull.State.OPEN;
                    case "MERGED" -> Pull.State.MERGED;
                    default -> Pull.State.CLOSED;
                });
    }

    private static Side side(JsonNode json, String at) {
        return new Side(
                text(json, at + "/repository/full_name"),
                text(json, at + "/branch/name"),
                text(json, at + "/commit/hash"));
    }

    /** Listings have it. */
    @Override
    public Commit commit(String hash) {
        return Commit.UNKNOWN;
    }
}
