package org.cdshooks.plugin.gitpoller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.testbed.Tools;
import org.cdshooks.testkit.HookHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The provider git, against git itself: real pushes to a real server. */
class GitSourceTest {
    private static final String ZEROS = "0".repeat(40);

    @TempDir
    Path dir;

    private GitServer git;

    @BeforeEach
    void startServer() throws Exception {
        assumeTrue(Tools.isThereOrInCi(GitServer.isGitThere()), "there is no git on the PATH");
        git = new GitServer(dir);
    }

    @AfterEach
    void stopServer() {
        if (git != null) {
            git.close();
        }
    }

    @Test
    void eachPushMakesAnEventWithBeforeAndAfter() throws Exception {
        String first = git.commit("first");
        git.git("push", "-q", "origin", "main");
        try (HookHarness poller = poller(Map.of("events", "branch,tag"))) {
            poller.advanceAndRun(Duration.ofMinutes(1));
            assertThat(poller.events()).as("the first poll only looks").isEmpty();

            String second = git.commit("second");
            git.git("push", "-q", "origin", "main", "main:refs/heads/topic/one");
            git.git("tag", "light");
            git.git("tag", "-a", "-m", "with a message", "v1");
            git.git("push", "-q", "origin", "light", "v1");
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(news(poller))
                    .containsExactly(
                            "branch.updated main " + first + " " + second,
                            "branch.created topic/one " + ZEROS + " " + second,
                            "tag.created light " + ZEROS + " " + second,
                            "tag.created v1 " + ZEROS + " " + second);
            assertThat(poller.events().getFirst().values())
                    .contains(entry("git.repository", "team/app"), entry("git.author", ""))
                    .doesNotContainKeys("git.message", "git.tag");

            git.git("reset", "-q", "--hard", first);
            String forced = git.commit("another second");
            git.git("push", "-q", "--force", "origin", "main");
            git.git("push", "-q", "origin", ":topic/one", ":refs/tags/light");
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(news(poller).subList(4, 7))
                    .containsExactly(
                            "branch.updated main " + second + " " + forced,
                            "branch.deleted topic/one " + second + " " + ZEROS,
                            "tag.deleted light " + second + " " + ZEROS);
            poller.advanceAndRun(Duration.ofMinutes(5));
            assertThat(news(poller)).hasSize(7);
            assertThat(git.protocols()).contains("version=2");
        }
    }

    @Test
    void aServerThatKnowsOnlyTheOldProtocolIsRead() throws Exception {
        git.speakOldProtocol();
        String first = git.commit("first");
        git.git("tag", "-a", "-m", "with a message", "v1");
        git.git("push", "-q", "origin", "main", "v1");
        try (HookHarness poller = poller(Map.of("emitInitial", "true"))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(news(poller))
                    .containsExactly(
                            "branch.created main " + ZEROS + " " + first, "tag.created v1 " + ZEROS + " " + first);
        }
    }

    @Test
    void aRepositoryWithoutCommitsHasItsFirstPushTold() throws Exception {
        try (HookHarness poller = poller(Map.of())) {
            poller.advanceAndRun(Duration.ofMinutes(1));
            String first = git.commit("first");
            git.git("push", "-q", "origin", "main");
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(news(poller)).containsExactly("branch.created main " + ZEROS + " " + first);
        }
    }

    @Test
    void aPasswordIsSentAndAWrongOneIsTold() throws Exception {
        git.commit("first");
        git.git("push", "-q", "origin", "main");
        git.password("s3cret");
        try (HookHarness right = poller(Map.of("token", "s3cret", "emitInitial", "true"));
                HookHarness wrong = poller(Map.of("token", "other"))) {
            right.advanceAndRun(Duration.ofMinutes(1));
            wrong.advanceAndRun(Duration.ofMinutes(1));

            assertThat(right.events()).hasSize(1);
            assertThat(wrong.results())
                    .containsExactly(ExecutionResult.rejected(git.url()
                            + "/info/refs answers 401: the token is missing, wrong or expired, or may not read this"
                            + " repository; see the options token and username."));
        }
    }

    @Test
    void aRepositoryThatIsNotThereIsTold() throws Exception {
        try (HookHarness poller = poller(Map.of("url", git.url().replace("app", "none")))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(((ExecutionResult.Rejected) poller.results().getFirst()).reason())
                    .endsWith("/team/none.git has no repository, or shows it to nobody without a token; see the options"
                            + " url and token.");
        }
    }

    @Test
    void aListThatIsCutOffIsNoDeletion() throws Exception {
        String advertised = "001e# service=git-upload-pack\n0000000eversion 2\n0000";
        String whole = packet("a".repeat(40) + " refs/heads/main\n") + packet("b".repeat(40) + " refs/heads/old\n");
        try (FakeApi api = new FakeApi();
                HookHarness poller = poller(Map.of("url", api.url() + "/r.git/", "events", "branch"))) {
            api.reply(
                    "/r.git/info/refs?service=git-upload-pack",
                    FakeApi.ok(advertised).with("Content-Type", "application/x-git-upload-pack-advertisement"));
            api.reply("/r.git/git-upload-pack", FakeApi.ok(whole + "0000"));
            poller.advanceAndRun(Duration.ofMinutes(1));
            for (String cut : List.of(
                    "",
                    packet("a".repeat(40) + " refs/heads/main\n"),
                    whole.substring(0, whole.length() - 3),
                    "<html>")) {
                api.reply("/r.git/git-upload-pack", FakeApi.ok(cut));
                poller.advanceAndRun(Duration.ofMinutes(1));
            }
            assertThat(poller.results()).hasSize(1);
            assertThat(poller.events()).isEmpty();
            assertThat(poller.pending()).isEqualTo(1);
            api.reply("/r.git/git-upload-pack", FakeApi.ok(whole + "0000"));
            poller.retry();

            assertThat(poller.results()).hasSize(2);
            assertThat(poller.events()).isEmpty();
        }
    }

    @Test
    void aRedirectToWhatIsNoListingIsTold() throws Exception {
        try (FakeApi api = new FakeApi();
                HookHarness poller = HookHarness.of(new RepoPollerType())
                        .create(Map.of("provider", "git", "url", api.url() + "/r.git"))) {
            api.reply(
                    "/r.git/info/refs?service=git-upload-pack",
                    FakeApi.status(302).with("Location", "{url}/moved/elsewhere"));
            api.reply(
                    "/moved/elsewhere",
                    FakeApi.ok("000eversion 2\n0000")
                            .with("Content-Type", "application/x-git-upload-pack-advertisement"));
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(((ExecutionResult.Rejected) poller.results().getFirst()).reason())
                    .contains(
                            api.url() + "/r.git redirects to " + api.url() + "/moved/elsewhere", "set the option url");
        }
    }

    @Test
    void whatIsNoRepositoryIsTold() throws Exception {
        try (FakeApi api = new FakeApi();
                HookHarness poller = poller(Map.of("url", api.url() + "/page"))) {
            api.reply(
                    "/page/info/refs?service=git-upload-pack",
                    FakeApi.ok("<html>").with("Content-Type", "text/html"));
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(poller.results())
                    .containsExactly(ExecutionResult.rejected(api.url() + "/page answers with 'text/html', so it is no"
                            + " repository that git can fetch; see the option url."));
        }
    }

    private static String packet(String line) {
        return String.format("%04x%s", line.length() + 4, line);
    }

    private HookHarness poller(Map<String, String> more) {
        Map<String, String> options = new TreeMap<>(Map.of("provider", "git", "url", git.url()));
        options.putAll(more);
        return HookHarness.of(new RepoPollerType()).create(options);
    }

    private static List<String> news(HookHarness poller) {
        return poller.events().stream()
                .map(event -> event.values())
                .map(values -> values.get("git.event") + " "
                        + values.getOrDefault("git.tag", values.get("git.branch")) + " "
                        + values.get("git.hash.before") + " " + values.get("git.hash"))
                .toList();
    }
}
