package org.cdshooks.plugin.gitpoller;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Any server that git can fetch from over HTTP, asked in git's own protocol: version 2, where the server sends the branches
 * and tags that are asked for, or the older ones, where it sends all that there is. A listing is one answer, so it is
 * complete. Of a tag with a message the commit counts, not the tag's own object. Nobody tells authors and messages.
 */
final class GitSource implements Source {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final String PEELED = "^{}";

    private final Session session;
    private final URI base;
    private Optional<Map<String, String>> listed = Optional.empty();

    GitSource(Session session, URI base) {
        this.session = session;
        this.base = base;
    }

    @Override
    public Optional<Listing<Ref>> refs(Part part, List<Page> known) throws PollFailure, InterruptedException {
        if (listed.isEmpty()) {
            listed = Optional.of(list());
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

    private Map<String, String> list() throws PollFailure, InterruptedException {
        String suffix = "/info/refs";
        Session.Reply reply = session.send(
                URI.create(base + suffix + "?service=git-upload-pack"), Map.of("Git-Protocol", "version=2"), null);
        if (reply.status() == 404) {
            throw new PollFailure.Refused(Session.shown(base) + " has no repository, or shows it to nobody without a"
                    + " token; see the options url and token.");
        }
        String type = reply.header("content-type").orElse("");
        if (!type.startsWith("application/x-git-upload-pack-advertisement")) {
            throw new PollFailure.Refused(Session.shown(base) + " answers with '" + type
                    + "', so it is no repository that git can fetch; see the option url.");
        }
        List<String> lines = lines(reply.response().body());
        if (!lines.isEmpty() && lines.getFirst().startsWith("# service=")) {
            lines = lines.subList(1, lines.size());
        }
        if (lines.isEmpty() || !lines.getFirst().equals("version 2")) {
            return read(lines);
        }
        String at = reply.address().toString(); // where a repository that was moved is now
        URI target = URI.create(at.substring(0, at.indexOf(suffix)) + "/git-upload-pack");
        Session.Reply refs = session.send(
                target,
                Map.of(
                        "Git-Protocol", "version=2",
                        "Content-Type", "application/x-git-upload-pack-request",
                        "Accept", "application/x-git-upload-pack-result"),
                lsRefs(lines.stream().anyMatch(line -> line.equals("object-format=sha256"))));
        if (refs.status() != 200) {
            throw new PollFailure.Away(Session.shown(target) + " answers " + refs.status() + ".");
        }
        return read(lines(refs.response().body()));
    }

    private static byte[] lsRefs(boolean sha256) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        packet(out, "command=ls-refs\n");
        if (sha256) {
            packet(out, "object-format=sha256\n");
        }
        out.writeBytes("0001".getBytes(UTF_8));
        packet(out, "peel\n");
        packet(out, "ref-prefix refs/heads/\n");
        packet(out, "ref-prefix refs/tags/\n");
        out.writeBytes("0000".getBytes(UTF_8));
        return out.toByteArray();
    }

    private static void packet(ByteArrayOutputStream out, String line) {
        out.writeBytes(String.format("%04x%s", line.length() + 4, line).getBytes(UTF_8));
    }

    /** Splits an answer into its lines; each begins with its length in four digits. */
    private List<String> lines(byte[] body) throws PollFailure {
        List<String> lines = new ArrayList<>();
        int at = 0;
        boolean hasEnd = false;
        while (at + 4 <= body.length) {
            int length;
            try {
                length = Integer.parseInt(new String(body, at, 4, UTF_8), 16);
            } catch (NumberFormatException e) {
                throw new PollFailure.Away(Session.shown(base) + " sends what is not git's protocol.", e);
            }
            // a length below 4 is a mark: 0 ends a list, and so must an answer, or it was cut off
            hasEnd = length == 0;
            if (length < 4) {
                at += 4;
                continue;
            }
            if (at + length > body.length) {
                throw cutOff();
            }
            String line = new String(body, at + 4, length - 4, UTF_8);
            lines.add(line.endsWith("\n") ? line.substring(0, line.length() - 1) : line);
            at += length;
        }
        if (!hasEnd || at != body.length) {
            throw cutOff();
        }
        return lines;
    }

    private PollFailure cutOff() {
        return new PollFailure.Away(Session.shown(base) + " sends a list of branches that is cut off.");
    }

    /** Reads lines such as {@code <hash> <name>}, with more behind it that depends on the version of the protocol. */
    private Map<String, String> read(List<String> lines) throws PollFailure {
        Map<String, String> refs = new TreeMap<>();
        Map<String, String> peeled = new TreeMap<>();
        for (String line : lines) {
            if (line.startsWith("ERR ")) {
                throw new PollFailure.Refused(Session.shown(base) + " says: " + line.substring("ERR ".length()));
            }
            int nul = line.indexOf('\0');
            String[] words = (nul < 0 ? line : line.substring(0, nul)).split(" ", -1);
            if (words.length < 2 || !HASH.matcher(words[0]).matches()) {
                continue; // "version 1", and what a later version may add
            }
            String name = words[1];
            if (name.endsWith(PEELED)) {
                peeled.put(name.substring(0, name.length() - PEELED.length()), words[0]);
            } else {
                refs.put(name, words[0]);
            }
            for (int i = 2; i < words.length; i++) {
                if (words[i].startsWith("peeled:")) {
                    peeled.put(name, words[i].substring("peeled:".length()));
                }
            }
        }
        refs.putAll(peeled);
        return refs;
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
