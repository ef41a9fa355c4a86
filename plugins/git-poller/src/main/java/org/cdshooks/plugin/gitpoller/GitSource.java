package org.cdshooks.plugin.gitpoller;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Any server that git can fetch from, asked in git's own protocol. A listing is one answer, so it is complete. Of a tag with
 * a message the commit counts, not the tag's own object. Nobody tells authors and messages.
 */
final class GitSource implements Source {
    private final GitRemote remote;
    private Optional<Map<String, String>> listed = Optional.empty();

    GitSource(GitRemote remote) {
        this.remote = remote;
    }

    @Override
    public Optional<Listing<Ref>> refs(Part part, List<Page> known) throws PollFailure, InterruptedException {
        if (listed.isEmpty()) {
            listed = Optional.of(remote.list());
        }
        String prefix = part == Part.TAGS ? "refs/tags/" : "refs/heads/";
        Map<String, Ref> refs = new TreeMap<>();
        listed.get().forEach((name, hash) -> {
            if (name.startsWith(prefix)) {
                refs.put(name, new Ref(name, hash, Optional.of(Commit.UNKNOWN)));
            }
        });
        return Optional.of(new Listing<>(refs, List.of(), false));
    }

    @Override
    public Optional<Listing<Pull>> pulls(List<Page> known) throws PollFailure {
        throw new PollFailure.Refused("The provider git knows no pull requests; take that of the server.");
    }

    @Override
    public Optional<Pull> pull(String id) {
        return Optional.empty();
    }

    @Override
    public Commit commit(String hash) {
        return Commit.UNKNOWN;
    }
}
