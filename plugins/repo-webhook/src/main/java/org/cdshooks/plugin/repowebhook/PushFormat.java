package org.cdshooks.plugin.repowebhook;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cdshooks.toolkit.JsonPicker;
import org.cdshooks.toolkit.PickedJson;
import org.cdshooks.toolkit.repository.OnceKey;
import org.cdshooks.toolkit.repository.Person;
import org.cdshooks.toolkit.repository.RefChange;

/** How a kind of server writes a push. What it leaves out is the empty text, as CDS has it. */
enum PushFormat {
    /** One branch or tag. */
    GITHUB(
            List.of(),
            PushFormat::github,
            "repository.html_url",
            "ref",
            "before",
            "after",
            "deleted?",
            "repository.full_name",
            "head_commit.author.username",
            "head_commit.author.name",
            "head_commit.author.email",
            "commits[].message"),

    /** One branch or tag. */
    GITLAB(
            List.of(),
            PushFormat::gitlab,
            "project.web_url",
            "ref",
            "before",
            "after",
            "user_username",
            "user_name",
            "user_email",
            "project.path_with_namespace",
            "commits[].message"),

    /** Like GitHub's, with the one who pushed beside the author; commits are the newest first. Gogs has no head commit. */
    GITEA(
            List.of(),
            PushFormat::gitea,
            "repository.html_url",
            "ref",
            "before",
            "after",
            "repository.full_name",
            "pusher.login",
            "pusher.username",
            "pusher.full_name",
            "pusher.email",
            "head_commit.message",
            "head_commit.author.username",
            "head_commit.author.name",
            "head_commit.author.email",
            "commits[].message"),

    /** Any number of branches and tags. */
    BITBUCKET_SERVER(
            List.of("changes"),
            PushFormat::bitbucketServer,
            "",
            "actor.name",
            "actor.displayName",
            "actor.emailAddress",
            "repository.slug",
            "repository.project.key",
            "changes[].refId",
            "changes[].fromHash",
            "changes[].toHash",
            "changes[].type"),

    /** Any number of branches and tags. */
    BITBUCKET_CLOUD(
            List.of("push.changes"),
            PushFormat::bitbucketCloud,
            "repository.links.html.href",
            "actor.username",
            "actor.nickname",
            "actor.display_name",
            "repository.full_name",
            "push.changes[].old.type",
            "push.changes[].old.name",
            "push.changes[].old.target.hash",
            "push.changes[].new.type",
            "push.changes[].new.name",
            "push.changes[].new.target.hash",
            "push.changes[].new.target.message",
            "push.changes[].new.target.author.raw");

    private final List<String> changes;
    private final Function<PickedJson, List<RefChange>> reader;
    private final String address;
    private final JsonPicker fields;

    /**
     * Makes a format.
     *
     * @param address the field with the address of the repository; empty if there is none
     */
    PushFormat(List<String> changes, Function<PickedJson, List<RefChange>> reader, String address, String... fields) {
        this.changes = changes;
        this.reader = reader;
        this.address = address;
        this.fields = JsonPicker.of(Stream.concat(Stream.of(fields), Stream.of(address))
                .filter(field -> !field.isEmpty())
                .toArray(String[]::new));
    }

    /** Returns the host that a push is from; empty if it does not tell. */
    String host(PickedJson push) {
        return address.isEmpty() ? "" : OnceKey.host(push.text(address));
    }

    /** The arrays of which each element is a change. */
    List<String> changes() {
        return changes;
    }

    /** What a push is read from. */
    JsonPicker fields() {
        return fields;
    }

    /** Returns what a push changes, in the order of the push. */
    List<RefChange> read(PickedJson push) {
        return reader.apply(push);
    }

    private static List<RefChange> github(PickedJson push) {
        Person author = new Person(
                push.text("head_commit.author.username"),
                push.text("head_commit.author.name"),
                push.text("head_commit.author.email"));
        boolean isDeletion = push.text("deleted").equals("true");
        return List.of(new RefChange(
                push.text("repository.full_name"),
                push.text("ref"),
                push.text("before"),
                isDeletion ? RefChange.NO_HASH : push.text("after"),
                author,
                firstMessage(push)));
    }

    private static List<RefChange> gitlab(PickedJson push) {
        Person author = new Person(push.text("user_username"), push.text("user_name"), push.text("user_email"));
        return List.of(new RefChange(
                push.text("project.path_with_namespace"),
                push.text("ref"),
                push.text("before"),
                push.text("after"),
                author,
                firstMessage(push)));
    }

    private static List<RefChange> gitea(PickedJson push) {
        Person author = new Person(
                push.firstText("head_commit.author.username", "pusher.login", "pusher.username"),
                push.firstText("head_commit.author.name", "pusher.full_name"),
                push.firstText("head_commit.author.email", "pusher.email"));
        return List.of(new RefChange(
                push.text("repository.full_name"),
                push.text("ref"),
                push.text("before"),
                push.text("after"),
                author,
                push.find("head_commit.message").or(() -> firstMessage(push))));
    }

    private static Optional<String> firstMessage(PickedJson push) {
        return push.size("commits") == 0 ? Optional.empty() : Optional.of(push.text("commits[0].message"));
    }

    private static List<RefChange> bitbucketServer(PickedJson push) {
        Person author =
                new Person(push.text("actor.name"), push.text("actor.displayName"), push.text("actor.emailAddress"));
        String repository = push.text("repository.project.key") + "/" + push.text("repository.slug");
        return elements(push, "changes")
                .mapToObj(i -> {
                    String change = "changes[" + i + "].";
                    boolean isDeletion = push.text(change + "type").equals("DELETE");
                    return new RefChange(
                            repository,
                            push.text(change + "refId"),
                            push.text(change + "fromHash"),
                            isDeletion ? RefChange.NO_HASH : push.text(change + "toHash"),
                            author,
                            Optional.empty());
                })
                .toList();
    }

    private static List<RefChange> bitbucketCloud(PickedJson push) {
        List<RefChange> changes = new ArrayList<>();
        elements(push, "push.changes").forEach(i -> {
            String before = "push.changes[" + i + "].old.";
            String after = "push.changes[" + i + "].new.";
            // what is gone has no new side; a named branch of Mercurial, the third type, no longer exists there
            String side = push.find(after + "name").isPresent() ? after : before;
            String kind = push.text(side + "type").contains("tag") ? "refs/tags/" : "refs/heads/";
            changes.add(new RefChange(
                    push.text("repository.full_name"),
                    kind + push.text(side + "name"),
                    push.find(before + "target.hash").orElse(RefChange.NO_HASH),
                    push.find(after + "target.hash").orElse(RefChange.NO_HASH),
                    new Person(
                            push.firstText("actor.username", "actor.nickname", "actor.display_name"),
                            push.text("actor.display_name"),
                            address(push.text(after + "target.author.raw"))),
                    push.find(after + "target.message")));
        });
        return changes;
    }

    /** Returns what stands between angle brackets at the end, as in {@code "Ada Lovelace <ada@example.com>"}. */
    private static String address(String author) {
        int open = author.lastIndexOf('<');
        int close = author.lastIndexOf('>');
        return open >= 0 && close > open ? author.substring(open + 1, close) : "";
    }

    private static IntStream elements(PickedJson push, String array) {
        return IntStream.range(0, Math.min(push.size(array), JsonPicker.MAX_ELEMENTS));
    }
}
