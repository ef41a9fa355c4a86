package org.cdshooks.plugin.gitpoller;

import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * Git over HTTP, in two requests at most. It goes through the {@link Session} as the APIs do, for the sake of what that
 * keeps to: the token goes to no other server, an answer has a size and a time, and 429 is no failure. JGit's HTTP has none
 * of that, and reads the {@code .gitconfig} and {@code .netrc} of whoever runs the service.
 */
final class HttpRemote implements GitRemote {
    private static final String SUFFIX = "/info/refs";

    private final Session session;
    private final URI base;
    private final GitProtocol protocol;

    HttpRemote(Session session, URI base) {
        this.session = session;
        this.base = base;
        this.protocol = new GitProtocol(Session.shown(base));
    }

    @Override
    public Map<String, String> list() throws PollFailure, InterruptedException {
        Session.Reply reply = session.send(
                URI.create(base + SUFFIX + "?service=git-upload-pack"),
                Map.of("Git-Protocol", GitProtocol.VERSION_2),
                null);
        if (reply.status() == 404) {
            throw new PollFailure.Refused(Session.shown(base) + " has no repository, or shows it to nobody without a"
                    + " token; see the options url and token.");
        }
        String type = reply.header("content-type").orElse("");
        if (!type.startsWith("application/x-git-upload-pack-advertisement")) {
            throw new PollFailure.Refused(Session.shown(base) + " answers with '" + type
                    + "', so it is no repository that git can fetch; see the option url.");
        }
        List<String> lines = protocol.lines(reply.response().body());
        if (!lines.isEmpty() && lines.getFirst().startsWith("# service=")) {
            lines = lines.subList(1, lines.size());
        }
        if (!GitProtocol.isVersion2(lines)) {
            return protocol.read(lines);
        }
        String at = reply.address().toString(); // where a repository that was moved is now
        int suffix = at.indexOf(SUFFIX);
        if (suffix < 0) {
            throw new PollFailure.Refused(Session.shown(base) + " redirects to " + Session.shown(reply.address())
                    + ", which does not end in " + SUFFIX
                    + ", so the address of the repository there is not known; set the option url to it.");
        }
        URI target = URI.create(at.substring(0, suffix) + "/git-upload-pack");
        Session.Reply refs = session.send(
                target,
                Map.of(
                        "Git-Protocol", GitProtocol.VERSION_2,
                        "Content-Type", "application/x-git-upload-pack-request",
                        "Accept", "application/x-git-upload-pack-result"),
                GitProtocol.lsRefs(lines));
        if (refs.status() != 200) {
            throw new PollFailure.Away(Session.shown(target) + " answers " + refs.status() + ".");
        }
        return protocol.read(protocol.lines(refs.response().body()));
    }
}
