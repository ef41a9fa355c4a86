package org.cdshooks.plugin.gitpoller;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.cdshooks.toolkit.repository.Person;
import org.cdshooks.toolkit.repository.PullRequestChange.Side;

/** Bitbucket Server and Data Center. Listings have no commits in them, so those of changes are asked for. */
final class BitbucketServerSource extends JsonSource {
    private final String repo;

    BitbucketServerSource(Session session, URI base, String repository) {
        super(session, base, repository);
        int slash = repository.lastIndexOf('/');
        this.repo = "/projects/" + segment(repository.substring(0, slash)) + "/repos/"
                + segment(repository.substring(slash + 1));
    }

    @Override
    JsonNode elements(JsonNode page) {
        return page.path("values");
    }

    /** The number of the next element is the server's: counting them up misses some. */
    @Override
    Optional<String> next(Answer answer) {
        if (answer.json().path("isLastPage").asBoolean(true)) {
            return Optional.empty();
        }
        String address = answer.reply().address().toString().replaceFirst("&start=.*$", "");
        return Optional.of(address + "&start=" + text(answer.json(), "/nextPageStart"));
    }

    @Override
    public Optional<Listing<Ref>> refs(Part part, List<Page> known) throws PollFailure, InterruptedException {
        return list(
                repo + (part == Part.TAGS ? "/tags" : "/branches") + "?orderBy=ALPHABETICAL&limit=100",
                known,
                json -> new Ref(text(json, "/id"), text(json, "/latestCommit"), Optional.empty()),
                Ref::key);
    }

    @Override
    public Optional<Listing<Pull>> pulls(List<Page> known) throws PollFailure, InterruptedException {
        return list(repo + "/pull-requests?state=OPEN&order=OLDEST&limit=100", known, this::read, Pull::id);
    }

    @Override
    public Optional<Pull> pull(String id) throws PollFailure, InterruptedException {
        return find(repo + "/pull-requests/" + segment(id)).map(this::read);
    }

    private Pull read(JsonNode json) {
        return new Pull(
                text(json, "/id"),
                text(json, "/title"),
                text(json, "/links/self/0/href"),
                side(json, "/fromRef"),
                side(json, "/toRef"),
                Comparison.person(
                        text(json, "/author/user/name"),
                        text(json, "/author/user/displayName"),
                        text(json, "/author/user/emailAddress")),
                switch (text(json, "/state")) {
                    case "OPEN" -> Pull.State.OPEN;
                    case "MERGED" -> Pull.State.MERGED;
                    default -> Pull.State.CLOSED;
                });
    }

    private static Side side(JsonNode json, String at) {
        return new Side(
                text(json, at + "/repository/project/key") + "/" + text(json, at + "/repository/slug"),
                text(json, at + "/displayId"),
                text(json, at + "/latestCommit"));
    }

    @Override
    public Commit commit(String hash) throws PollFailure, InterruptedException {
        return find(repo + "/commits/" + segment(hash))
                .map(json -> new Commit(
                        new Person(
                                text(json, "/author/name"),
                                text(json, "/author/displayName").isEmpty()
                                        ? text(json, "/author/name")
                                        : text(json, "/author/displayName"),
                                text(json, "/author/emailAddress")),
                        message(json, "/message")))
                .orElse(Commit.UNKNOWN);
    }
}
