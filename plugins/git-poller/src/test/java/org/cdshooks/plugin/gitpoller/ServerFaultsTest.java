package org.cdshooks.plugin.gitpoller;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.RecordedExecution;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What servers answer on bad days: each provider with an API takes it alike. */
class ServerFaultsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private FakeApi api;

    /** How each server lists branches. */
    enum Api {
        GITHUB(
                "github",
                "o/r",
                "/api/v3/repos/o/r/branches?per_page=100",
                "[%s]",
                "{\"name\":\"%s\",\"commit\":{\"sha\":\"%s\",\"url\":\"u\"}}"),
        GITLAB(
                "gitlab",
                "group/app",
                "/api/v4/projects/group%2Fapp/repository/branches?per_page=100",
                "[%s]",
                "{\"name\":\"%s\",\"commit\":{\"id\":\"%s\",\"message\":\"m\",\"author_name\":\"Ada\"}}"),
        GITEA(
                "gitea",
                "o/r",
                "/api/v1/repos/o/r/branches?limit=50",
                "[%s]",
                "{\"name\":\"%s\",\"commit\":{\"id\":\"%s\",\"message\":\"m\",\"author\":{\"name\":\"Ada\"}}}"),
        BITBUCKET_CLOUD(
                "bitbucket-cloud",
                "team/r",
                "/2.0/repositories/team/r/refs/branches?pagelen=100&sort=name",
                "{\"values\":[%s]}",
                "{\"name\":\"%s\",\"type\":\"branch\",\"target\":{\"hash\":\"%s\",\"message\":\"m\",\"author\":{\"raw\":\"A <a@x>\"}}}"),
        BITBUCKET_SERVER(
                "bitbucket-server",
                "PRJ/app",
                "/rest/api/1.0/projects/PRJ/repos/app/branches?orderBy=ALPHABETICAL&limit=100",
                "{\"values\":[%s],\"isLastPage\":true}",
                "{\"id\":\"refs/heads/%1$s\",\"displayId\":\"%1$s\",\"latestCommit\":\"%2$s\"}");

        private final String provider;
        private final String repository;
        private final String branches;
        private final String list;
        private final String branch;

        Api(String provider, String repository, String branches, String list, String branch) {
            this.provider = provider;
            this.repository = repository;
            this.branches = branches;
            this.list = list;
            this.branch = branch;
        }

        String branch(String name, String hash) {
            return list.formatted(branch.formatted(name, hash));
        }
    }

    @BeforeEach
    void startServer() throws Exception {
        api = new FakeApi();
    }

    @AfterEach
    void stopServer() {
        api.close();
    }

    private HookHarness poller(Api server) {
        api.json(server.branches, server.branch("main", "a1"));
        HookHarness poller = HookHarness.of(new RepoPollerType())
                .create(Map.of(
                        "provider",
                        server.provider,
                        "url",
                        api.url(),
                        "repository",
                        server.repository,
                        "token",
                        "t0ken",
                        "events",
                        "branch"));
        poller.advanceAndRun(MINUTE);
        return poller;
    }

    private static List<String> news(HookHarness poller) {
        return poller.events().stream()
                .map(event ->
                        event.values().get("git.event") + " " + event.values().get("git.branch"))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void whatHasNotChangedIsNotReadAgainWhereTheServerKnowsEtags(Api server) {
        api.reply(server.branches, FakeApi.ok(server.branch("main", "a1")).with("ETag", "\"e1\""));
        try (HookHarness poller = HookHarness.of(new RepoPollerType())
                .create(Map.of(
                        "provider",
                        server.provider,
                        "url",
                        api.url(),
                        "repository",
                        server.repository,
                        "token",
                        "t0ken",
                        "events",
                        "branch"))) {
            poller.advanceAndRun(MINUTE);
            poller.advanceAndRun(MINUTE);

            assertThat(poller.events()).isEmpty();
            assertThat(api.requests().getLast().header("If-None-Match")).isEqualTo("\"e1\"");

            api.reply(server.branches, FakeApi.ok(server.branch("main", "a2")).with("ETag", "\"e2\""));
            poller.advanceAndRun(MINUTE);
            assertThat(news(poller)).containsExactly("branch.updated main");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTokenThatMayNotReadIsToldAndIsNoDeletion(Api server) {
        try (HookHarness poller = poller(server)) {
            api.reply(server.branches, FakeApi.status(403));
            poller.advanceAndRun(MINUTE);

            assertThat(poller.events()).isEmpty();
            assertThat(((ExecutionResult.Rejected) poller.results().getLast()).reason())
                    .contains("answers 403: the token is missing, wrong or expired");
            api.json(server.branches, server.branch("main", "a2"));
            poller.advanceAndRun(MINUTE);
            assertThat(news(poller)).containsExactly("branch.updated main");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLimitIsWaitedForAndIsNoFailure(Api server) {
        try (HookHarness poller = poller(server)) {
            api.reply(server.branches, FakeApi.status(429).with("Retry-After", "300"));
            poller.advanceAndRun(MINUTE);

            assertThat(poller.nextDue()).contains(poller.now().plusSeconds(300));
            assertThat(poller.executions().getLast().state()).isEqualTo(RecordedExecution.State.DONE);
            int asked = api.requests().size();
            api.json(server.branches, server.branch("main", "a2"));
            poller.advanceAndRun(Duration.ofSeconds(299));
            assertThat(api.requests()).hasSize(asked);
            poller.advanceAndRun(Duration.ofSeconds(1));
            assertThat(news(poller)).containsExactly("branch.updated main");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatFailsIsTriedAgainAndNothingIsDeleted(Api server) {
        try (HookHarness poller = poller(server)) {
            api.reply(server.branches, FakeApi.status(500));
            poller.advanceAndRun(MINUTE);

            assertThat(poller.events()).isEmpty();
            assertThat(poller.pending()).isEqualTo(1);
            assertThat(poller.executions().getLast().failures().getLast().getMessage())
                    .contains("answers 500");
            api.json(server.branches, server.branch("main", "a2"));
            poller.retry();
            assertThat(news(poller)).containsExactly("branch.updated main");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBranchThatWasRenamedIsOneThatWentAndOneThatCame(Api server) {
        api.json(commit(server, "a1"), "{\"sha\":\"a1\",\"id\":\"a1\",\"message\":\"m\"}");
        try (HookHarness poller = poller(server)) {
            api.json(server.branches, server.branch("trunk", "a1"));
            poller.advanceAndRun(MINUTE);

            assertThat(news(poller)).containsExactlyInAnyOrder("branch.deleted main", "branch.created trunk");
        }
    }

    /** Where servers are asked for the author of a commit that a listing does not tell. */
    private static String commit(Api server, String hash) {
        return switch (server) {
            case GITHUB -> "/api/v3/repos/o/r/commits/" + hash;
            case BITBUCKET_SERVER -> "/rest/api/1.0/projects/PRJ/repos/app/commits/" + hash;
            case GITLAB, GITEA, BITBUCKET_CLOUD -> "/not/asked";
        };
    }
}
