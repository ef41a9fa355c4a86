package org.cdshooks.plugin.gitpoller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.RecordedExecution;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The provider github against answers as GitHub documents them, and with it what all providers with an API share. */
class GitHubSourceTest {
    private static final String REPO = "/api/v3/repos/o/r";
    private static final String BRANCHES = REPO + "/branches?per_page=100";
    private static final String TAGS = REPO + "/tags?per_page=100";
    private static final String PULLS = REPO + "/pulls?state=open&sort=created&direction=asc&per_page=100";
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private FakeApi api;

    @BeforeEach
    void startServer() throws Exception {
        api = new FakeApi();
        api.json(BRANCHES, refs("main", "a1"));
        api.json(TAGS, "[]");
        api.json(PULLS, "[]");
    }

    @AfterEach
    void stopServer() {
        api.close();
    }

    // ------------------------------------------------------------------------------ branches, tags

    @Test
    void aPushHasTheNamesThatAWebhookGivesIt() {
        api.json(REPO + "/commits/a2", """
                {"sha":"a2","commit":{"message":"second","author":{"name":"Ada L.","email":"ada@x"}},
                 "author":{"login":"ada"}}""");
        try (HookHarness poller = poller(Map.of("token", "t0ken", "payload", "{\"env\":\"test\"}"))) {
            poller.advanceAndRun(MINUTE);
            api.json(BRANCHES, refs("main", "a2"));
            poller.advanceAndRun(MINUTE);

            assertThat(poller.events().getFirst().once())
                    .as("as RepoWebhookTest expects it of a webhook")
                    .contains("ref|" + api.url().substring("http://".length()) + "|o/r|refs/heads/main|a1|a2");
            assertThat(poller.events())
                    .singleElement()
                    .satisfies(event -> assertThat(event.values())
                            .isEqualTo(new TreeMap<>(Map.ofEntries(
                                    entry("cds.triggered_by.email", "ada@x"),
                                    entry("cds.triggered_by.fullname", "Ada L."),
                                    entry("cds.triggered_by.username", "ada"),
                                    entry("env", "test"),
                                    entry("git.author", "ada"),
                                    entry("git.author.email", "ada@x"),
                                    entry("git.branch", "main"),
                                    entry("git.event", "branch.updated"),
                                    entry("git.hash", "a2"),
                                    entry("git.hash.before", "a1"),
                                    entry("git.message", "second"),
                                    entry("git.repository", "o/r")))));
            assertThat(api.requests()).allSatisfy(request -> {
                assertThat(request.header("Authorization")).isEqualTo("Bearer t0ken");
                assertThat(request.header("Accept")).isEqualTo("application/vnd.github+json");
                assertThat(request.header("X-GitHub-Api-Version")).isEqualTo("2022-11-28");
            });
        }
    }

    @Test
    void onlyWhatIsAskedForIsListedAndMakesEvents() {
        try (HookHarness poller = poller(Map.of("events", "branch.deleted, tag.created"))) {
            poller.advanceAndRun(MINUTE);
            api.json(BRANCHES, refs("other", "b1"));
            api.json(TAGS, refs("v1", "c1"));
            poller.advanceAndRun(MINUTE);

            assertThat(news(poller)).containsExactly("branch.deleted main", "tag.created v1");
            assertThat(api.targets())
                    .contains(BRANCHES, TAGS, REPO + "/commits/c1")
                    .doesNotContain(PULLS);
        }
    }

    @Test
    void whatWasNotAskedForIsNoNewsWhenItIs() {
        String cursor;
        try (HookHarness poller = poller(Map.of("events", "branch"))) {
            poller.advanceAndRun(MINUTE);
            cursor = poller.cursor().orElseThrow();
        }
        api.json(TAGS, refs("v1", "c1"));
        try (HookHarness poller = HookHarness.of(new RepoPollerType())
                .storedCursor(cursor)
                .create(options(Map.of("events", "branch,tag")))) {
            poller.advanceAndRun(MINUTE);

            assertThat(poller.events()).isEmpty();
        }
        try (HookHarness poller = HookHarness.of(new RepoPollerType())
                .storedCursor(cursor)
                .create(options(Map.of("repository", "o/other")))) {
            api.json("/api/v3/repos/o/other/branches?per_page=100", refs("main", "z1"));
            api.json("/api/v3/repos/o/other/tags?per_page=100", "[]");
            poller.advanceAndRun(MINUTE);

            assertThat(poller.events())
                    .as("the cursor is of another repository")
                    .isEmpty();
            assertThat(poller.results()).hasSize(1);
        }
    }

    @Test
    void aPollThatIsTriedAgainFindsTheSame() {
        try (HookHarness poller = poller(Map.of())) {
            poller.advanceAndRun(MINUTE);
            api.json(BRANCHES, refs("main", "a2"));
            api.reply(TAGS, FakeApi.status(500));
            poller.advanceAndRun(MINUTE);
            assertThat(poller.events()).isEmpty();
            assertThat(failure(poller)).isEqualTo(api.url() + REPO + "/tags answers 500.");

            api.json(TAGS, "[]");
            poller.retry();

            assertThat(news(poller)).containsExactly("branch.updated main");
        }
    }

    @Test
    void whatIsMoreThanOneExecutionTakesComesAtOnceAfterIt() {
        try (HookHarness poller = poller(Map.of())) {
            poller.advanceAndRun(MINUTE);
            api.reply(
                    TAGS,
                    FakeApi.ok(refs(IntStream.range(0, 450)
                                    .mapToObj(i -> new String[] {"v" + i, "c" + i})
                                    .flatMap(Arrays::stream)
                                    .toArray(String[]::new)))
                            .with("ETag", "\"tags\""));
            poller.advanceAndRun(MINUTE);
            assertThat(poller.events()).hasSize(200);
            assertThat(poller.nextDue()).contains(poller.now().plusSeconds(1));
            poller.advanceAndRun(Duration.ofSeconds(2));

            assertThat(news(poller)).hasSize(450).doesNotHaveDuplicates();
            assertThat(api.targets().stream().filter(target -> target.contains("/commits/")))
                    .as("of each execution a few are looked at")
                    .hasSize(60);
        }
    }

    // --------------------------------------------------------------------------------------- pages

    @Test
    void allPagesAreReadAndA500InTheMiddleIsNoDeletion() {
        pages("p1", refs("a", "1", "b", "1"), refs("c", "1"));
        try (HookHarness poller = poller(Map.of("events", "branch"))) {
            poller.advanceAndRun(MINUTE);
            api.reply(REPO + "/branches?per_page=100&page=2", FakeApi.status(502));
            pageOne("p2", refs("a", "2", "b", "1"));
            poller.advanceAndRun(MINUTE);
            assertThat(poller.events()).isEmpty();
            assertThat(failure(poller)).contains("answers 502");

            pages("p3", refs("a", "2", "b", "1"), refs("c", "2"));
            poller.retry();

            assertThat(news(poller)).containsExactly("branch.updated a", "branch.updated c");
        }
    }

    @Test
    void whatIsMissingInAListingOfSeveralPagesIsGoneWhenTheNextHasItNotEither() {
        pages("p1", refs("a", "1", "b", "1"), refs("c", "1"));
        try (HookHarness poller = poller(Map.of("events", "branch"))) {
            poller.advanceAndRun(MINUTE);
            pages("p2", refs("a", "1"), refs("c", "1")); // b has moved over the edge between the pages
            poller.advanceAndRun(MINUTE);
            pages("p3", refs("a", "1"), refs("b", "1", "c", "1"));
            poller.advanceAndRun(MINUTE);
            assertThat(poller.events()).isEmpty();

            pages("p4", refs("a", "1"), refs("c", "1"));
            poller.advanceAndRun(MINUTE.multipliedBy(2));

            assertThat(news(poller)).containsExactly("branch.deleted b");
            poller.advanceAndRun(MINUTE.multipliedBy(2));
            assertThat(news(poller)).hasSize(1);
        }
    }

    @Test
    void anEmptyListingIsBelievedTheSecondTime() {
        try (HookHarness poller = poller(Map.of("events", "branch"))) {
            poller.advanceAndRun(MINUTE);
            api.json(BRANCHES, "[]");
            poller.advanceAndRun(MINUTE);
            assertThat(poller.events()).isEmpty();
            poller.advanceAndRun(MINUTE);

            assertThat(news(poller)).containsExactly("branch.deleted main");
        }
    }

    @Test
    void aNextPageElsewhereIsNotAskedWithTheToken() {
        api.reply(
                BRANCHES,
                FakeApi.ok(refs("main", "a1")).with("Link", "<http://localhost:9/branches?page=2>; rel=\"next\""));
        try (HookHarness poller = poller(Map.of("events", "branch", "token", "t0ken"))) {
            poller.advanceAndRun(MINUTE);

            assertThat(poller.results())
                    .containsExactly(ExecutionResult.rejected(api.url() + "/api/v3 points to another server,"
                            + " http://localhost:9, which is not asked; if it is right, set url to it."));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"message\":\"hello\"}", "[{\"commit\":{\"sha\":\"1\"}}]", "[{\"name\":\"a\"}]", "[1]"})
    void anotherKindOfListIsNoDeletion(String body) {
        try (HookHarness poller = poller(Map.of("events", "branch"))) {
            poller.advanceAndRun(MINUTE);
            api.json(BRANCHES, body);
            poller.advanceAndRun(MINUTE.multipliedBy(2));

            assertThat(poller.events()).isEmpty();
            assertThat(poller.results().getLast()).isInstanceOf(ExecutionResult.Rejected.class);
        }
    }

    // --------------------------------------------------------------------------------------- etags

    @Test
    void whatHasNotChangedIsNotReadAgain() {
        pages("p1", refs("a", "1", "b", "1"), refs("c", "1"));
        try (HookHarness poller = poller(Map.of("events", "branch"))) {
            poller.advanceAndRun(MINUTE.multipliedBy(3));
            assertThat(api.requests()).hasSize(6);
            assertThat(api.requests().subList(2, 6))
                    .extracting(request -> request.header("If-None-Match"))
                    .containsExactly("\"p1\"", "\"p1-2\"", "\"p1\"", "\"p1-2\"");
            assertThat(poller.events()).isEmpty();

            pages("p2", refs("a", "1", "b", "2"), refs("c", "1"));
            poller.advanceAndRun(MINUTE);

            assertThat(news(poller)).containsExactly("branch.updated b");
        }
    }

    @Test
    void aCursorThatIsTheSameIsNotWrittenAgain() {
        try (HookHarness poller = poller(Map.of())) {
            poller.advanceAndRun(MINUTE);
            poller.advanceAndRun(MINUTE);
            api.json(BRANCHES, refs("main", "a2"));
            poller.advanceAndRun(MINUTE);

            assertThat(poller.results())
                    .extracting(result ->
                            ((ExecutionResult.Completed) result).cursor().isPresent())
                    .containsExactly(true, false, true);
        }
    }

    // --------------------------------------------------------------------------------------- limits

    @ParameterizedTest
    @CsvSource({
        "429,Retry-After,300,300",
        "403,Retry-After,90,90",
        "403,x-ratelimit-remaining,0,600",
        "429,X-None,0,60",
        "429,Retry-After,999999,7200",
        "503,Retry-After,120,120",
    })
    void aLimitIsWaitedFor(int status, String header, String value, long seconds) {
        try (HookHarness poller = poller(Map.of("token", "t" + header + value + status))) {
            poller.advanceAndRun(MINUTE);
            long reset = poller.now().plusSeconds(660).getEpochSecond();
            api.reply(BRANCHES, FakeApi.status(status).with(header, value).with("x-ratelimit-reset", "" + reset));
            poller.advanceAndRun(MINUTE);

            assertThat(poller.nextDue()).contains(poller.now().plusSeconds(seconds));
            assertThat(poller.results()).last().isInstanceOf(ExecutionResult.Completed.class);
            assertThat(poller.executions())
                    .last()
                    .satisfies(last -> assertThat(last.state()).isEqualTo(RecordedExecution.State.DONE));
            int asked = api.requests().size();
            api.json(BRANCHES, refs("main", "a2"));
            poller.advanceAndRun(Duration.ofSeconds(seconds - 1));
            assertThat(api.requests()).hasSize(asked);
            poller.advanceAndRun(Duration.ofSeconds(1));
            assertThat(news(poller)).containsExactly("branch.updated main");
        }
    }

    @Test
    void theServerSaysHowLongPollersWait() {
        api.reply(BRANCHES, FakeApi.ok(refs("main", "a1")).with("X-Poll-Interval", "150"));
        try (HookHarness poller = poller(Map.of())) {
            poller.advanceAndRun(MINUTE);

            assertThat(poller.nextDue()).contains(poller.now().plusSeconds(150));
        }
    }

    @Test
    void whatTheServerHasLeftStretchesTheInterval() {
        try (HookHarness poller = poller(Map.of("token", "t0ken"))) {
            // 60 requests for the next hour, of which pollers take 48; two a minute would be 120
            long reset = poller.now().plusSeconds(3660).getEpochSecond();
            api.reply(TAGS, FakeApi.ok("[]").with("x-ratelimit-remaining", "60").with("x-ratelimit-reset", "" + reset));
            poller.advanceAndRun(MINUTE);

            assertThat(poller.nextDue()).contains(poller.now().plusMillis(150_000));
        }
    }

    // ------------------------------------------------------------------------------- pull requests

    @Test
    void theLifeOfAPullRequestIsTold() {
        try (HookHarness poller = poller(Map.of("events", "pullrequest"))) {
            api.json(PULLS, "[" + pull(3, "open", "h0", "old one", "") + "]");
            poller.advanceAndRun(MINUTE);
            assertThat(poller.events()).isEmpty();

            api.json(PULLS, "[" + pull(3, "open", "h0", "old one", "") + "," + pull(7, "open", "h1", "new", "") + "]");
            poller.advanceAndRun(MINUTE);
            api.json(PULLS, "[" + pull(3, "open", "h0", "old one", "") + "," + pull(7, "open", "h2", "new", "") + "]");
            poller.advanceAndRun(MINUTE);
            api.json(PULLS, "[]");
            api.json(REPO + "/pulls/3", pull(3, "closed", "h0", "old one", ""));
            api.json(REPO + "/pulls/7", pull(7, "closed", "h2", "new", "2026-01-01T00:00:00Z"));
            poller.advanceAndRun(MINUTE);
            api.json(PULLS, "[" + pull(3, "open", "h0", "old one", "") + "]");
            poller.advanceAndRun(MINUTE.multipliedBy(2));

            assertThat(poller.events().stream()
                            .map(event -> event.values())
                            .map(values -> values.get("git.event") + " " + values.get("git.pr.id") + " "
                                    + values.get("git.hash")))
                    .containsExactly(
                            "pullrequest.opened 7 h1",
                            "pullrequest.updated 7 h2",
                            "pullrequest.closed 3 h0",
                            "pullrequest.merged 7 h2",
                            "pullrequest.reopened 3 h0");
            assertThat(poller.events().getFirst().values())
                    .containsAllEntriesOf(Map.ofEntries(
                            entry("git.author", "ada"),
                            entry("git.branch", "topic"),
                            entry("git.from.repository", "ada/r"),
                            entry("git.message", "new"),
                            entry("git.pr.from.branch", "topic"),
                            entry("git.pr.from.hash", "h1"),
                            entry("git.pr.state", "opened"),
                            entry("git.pr.title", "new"),
                            entry("git.pr.to.branch", "main"),
                            entry("git.pr.to.hash", "b0"),
                            entry("git.pr.url", "https://github.com/o/r/pull/7"),
                            entry("git.repository", "o/r")));
        }
    }

    @Test
    void aPullRequestThatSlippedFromPageToPageIsNotClosed() {
        api.json(PULLS, "[" + pull(3, "open", "h0", "one", "") + "]");
        try (HookHarness poller = poller(Map.of("events", "pullrequest"))) {
            poller.advanceAndRun(MINUTE);
            api.json(PULLS, "[]");
            api.json(REPO + "/pulls/3", pull(3, "open", "h0", "one", ""));
            poller.advanceAndRun(MINUTE);
            api.json(PULLS, "[" + pull(3, "open", "h0", "one", "") + "]");
            poller.advanceAndRun(MINUTE);

            assertThat(poller.results()).hasSize(3);
            assertThat(poller.events()).isEmpty();
        }
    }

    // ------------------------------------------------------------------------------------- mistakes

    @Test
    void aRepositoryThatWasMovedIsFollowedOnItsServer() {
        for (String what : List.of("branches", "tags")) {
            api.reply(
                    REPO + "/" + what + "?per_page=100",
                    FakeApi.status(301).with("Location", "{url}/api/v3/repositories/42/" + what + "?per_page=100"));
            api.json("/api/v3/repositories/42/" + what + "?per_page=100", "[]");
        }
        try (HookHarness poller = poller(Map.of())) {
            poller.advanceAndRun(MINUTE);
            api.json("/api/v3/repositories/42/branches?per_page=100", refs("main", "a1"));
            poller.advanceAndRun(MINUTE);

            assertThat(news(poller)).containsExactly("branch.created main");
        }
    }

    @Test
    void aMoveToAnotherServerIsNotFollowedWithTheToken() throws Exception {
        try (FakeApi other = new FakeApi();
                HookHarness poller = poller(Map.of("token", "t0ken"))) {
            api.reply(BRANCHES, FakeApi.status(302).with("Location", other.url() + "/x"));
            poller.advanceAndRun(MINUTE);

            assertThat(((ExecutionResult.Rejected) poller.results().getFirst()).reason())
                    .contains("points to another server, " + other.url());
            assertThat(other.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404|answers 404: there is no repository o/r, or it shows to nobody without a token; see the options"
                        + " repository, token and url.",
                "401|answers 401: the token is missing, wrong or expired, or may not read this repository; see the"
                        + " options token and username.",
                "403|answers 403: the token is missing, wrong or expired, or may not read this repository; see the"
                        + " options token and username.",
                "418|answers 418, which this provider does not expect; see the options provider and url.",
            })
    void whatNoRetryMendsIsRejectedWithTheWayOut(int status, String words) {
        api.reply(BRANCHES, FakeApi.status(status));
        try (HookHarness poller = poller(Map.of("token", "t0ken"))) {
            poller.advanceAndRun(MINUTE);

            assertThat(poller.results())
                    .containsExactly(ExecutionResult.rejected(api.url() + REPO + "/branches " + words));
        }
    }

    @Test
    void aServerThatIsAwayIsTriedAgain() throws Exception {
        FakeApi gone = new FakeApi();
        try (HookHarness poller = poller(Map.of("url", gone.url()))) {
            gone.close();
            poller.advanceAndRun(MINUTE);

            assertThat(poller.pending()).isEqualTo(1);
            assertThat(failure(poller)).startsWith(gone.url() + REPO + "/branches does not answer: ");
        }
    }

    // -------------------------------------------------------------------------------------- helpers

    private HookHarness poller(Map<String, String> more) {
        return HookHarness.of(new RepoPollerType()).create(options(more));
    }

    private Map<String, String> options(Map<String, String> more) {
        Map<String, String> options =
                new TreeMap<>(Map.of("provider", "github", "url", api.url(), "repository", "o/r"));
        options.putAll(more);
        return options;
    }

    private void pages(String etag, String first, String second) {
        pageOne(etag, first);
        api.reply(REPO + "/branches?per_page=100&page=2", FakeApi.ok(second).with("ETag", "\"" + etag + "-2\""));
    }

    private void pageOne(String etag, String body) {
        String link = "<{url}" + REPO + "/branches?per_page=100&page=2>; rel=\"next\", <{url}" + REPO
                + "/branches?per_page=100&page=2>; rel=\"last\"";
        api.reply(BRANCHES, FakeApi.ok(body).with("Link", link).with("ETag", "\"" + etag + "\""));
    }

    private static String failure(HookHarness poller) {
        return poller.executions().getLast().failures().getLast().getMessage();
    }

    private static List<String> news(HookHarness poller) {
        return poller.events().stream()
                .map(event -> event.values())
                .map(values -> values.get("git.event") + " "
                        + values.getOrDefault("git.tag", String.valueOf(values.get("git.branch"))))
                .toList();
    }

    private static String refs(String... namesAndHashes) {
        return IntStream.range(0, namesAndHashes.length / 2)
                .mapToObj(i -> "{\"name\":\"" + namesAndHashes[2 * i] + "\",\"commit\":{\"sha\":\""
                        + namesAndHashes[2 * i + 1] + "\",\"url\":\"u\"},\"protected\":false}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String pull(int number, String state, String hash, String title, String mergedAt) {
        return """
                {"number":%d,"state":"%s","title":"%s","html_url":"https://github.com/o/r/pull/%d",
                 "user":{"login":"ada"},"merged_at":%s,
                 "head":{"ref":"topic","sha":"%s","repo":{"full_name":"ada/r"}},
                 "base":{"ref":"main","sha":"b0","repo":{"full_name":"o/r"}}}""".formatted(number, state, title, number, mergedAt.isEmpty() ? "null" : "\"" + mergedAt + "\"", hash);
    }
}
