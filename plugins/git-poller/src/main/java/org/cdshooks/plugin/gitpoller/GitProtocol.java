package org.cdshooks.plugin.gitpoller;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The part of git's protocol that lists branches and tags, as bytes; who carries them does not matter. Version 2, where the
 * server sends what is asked for, and the older ones, where it sends all that there is. A list ends with a mark, so one
 * that was cut off is told from a whole one. Immutable.
 */
final class GitProtocol {
    /** What asks for version 2: as a header over HTTP, as a variable over SSH. */
    static final String VERSION_2 = "version=2";

    /** The mark that ends a list, and says that nothing more is asked for. */
    static final String END = "0000";

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final String PEELED = "^{}";

    private final String server;

    /**
     * @param server how messages name it
     */
    GitProtocol(String server) {
        this.server = server;
    }

    /** Returns whether the server speaks version 2, and so waits for {@link #lsRefs}. */
    static boolean isVersion2(List<String> lines) {
        return !lines.isEmpty() && lines.getFirst().equals("version 2");
    }

    /** Returns the request for branches and tags, given what a server of version 2 said of itself. */
    static byte[] lsRefs(List<String> capabilities) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        packet(out, "command=ls-refs\n");
        if (capabilities.contains("object-format=sha256")) {
            packet(out, "object-format=sha256\n");
        }
        out.writeBytes("0001".getBytes(UTF_8));
        packet(out, "peel\n");
        packet(out, "ref-prefix refs/heads/\n");
        packet(out, "ref-prefix refs/tags/\n");
        out.writeBytes(END.getBytes(UTF_8));
        return out.toByteArray();
    }

    private static void packet(ByteArrayOutputStream out, String line) {
        out.writeBytes(String.format("%04x%s", line.length() + 4, line).getBytes(UTF_8));
    }

    /**
     * Reads from a connection up to the mark that ends a list, or to its end if that comes first.
     *
     * @param max how many bytes a list may have
     */
    byte[] readList(InputStream in, long max) throws IOException, PollFailure {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        while (true) {
            byte[] head = in.readNBytes(4);
            list.writeBytes(head);
            if (head.length < 4) {
                return list.toByteArray();
            }
            int length = length(head, 0);
            if (length == 0) {
                return list.toByteArray();
            }
            if (list.size() + length > max) {
                throw new PollFailure.Refused(server + " sends a list of branches of more than " + max + " bytes.");
            }
            list.writeBytes(in.readNBytes(Math.max(0, length - 4)));
        }
    }

    /** Splits an answer into its lines; each begins with its length in four digits. */
    List<String> lines(byte[] body) throws PollFailure {
        List<String> lines = new ArrayList<>();
        int at = 0;
        boolean hasEnd = false;
        while (at + 4 <= body.length) {
            int length = length(body, at);
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

    private int length(byte[] bytes, int at) throws PollFailure {
        try {
            return Integer.parseUnsignedInt(new String(bytes, at, 4, UTF_8), 16);
        } catch (NumberFormatException e) {
            throw new PollFailure.Away(server + " sends what is not git's protocol.", e);
        }
    }

    private PollFailure cutOff() {
        return new PollFailure.Away(server + " sends a list of branches that is cut off.");
    }

    /** Reads lines such as {@code <hash> <name>}, with more behind it that depends on the version of the protocol. */
    Map<String, String> read(List<String> lines) throws PollFailure {
        Map<String, String> refs = new TreeMap<>();
        Map<String, String> peeled = new TreeMap<>();
        for (String line : lines) {
            if (line.startsWith("ERR ")) {
                throw new PollFailure.Refused(server + " says: " + line.substring("ERR ".length()));
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
}
