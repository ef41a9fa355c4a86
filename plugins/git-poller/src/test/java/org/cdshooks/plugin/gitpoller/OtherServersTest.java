package org.cdshooks.plugin.gitpoller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cdshooks.testkit.HookHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The providers gitlab, gitea, bitbucket-cloud and bitbucket-server, against answers as their servers document them. */
class OtherServersTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private FakeApi api;

    @BeforeEach
    void startServer() throws Exception {
        api = new FakeApi();
    }

    @AfterEach
    void stopServer() {
        api.close();
    }

    @Test
    void gitLab() {
        String project = "/api/v4/projects/group%2Fsub%2Fapp";
        String branches = project + "/repository/branches?per_page=100";
        String mergeRequests =
                project + "/merge_requests?state=opened&scope=all&order_by=created_at&sort=asc&per_page=100";
        String commit = "{\"name\":\"%s\",\"commit\":{\"id\":\"%s\",\"message\":\"second\",\"author_name\":\"Ada L.\","
                + "\"author_email\":\"ada@x\"}}";
        String mergeRequest =
                "{\"iid\":5,\"id\":99,\"title\":\"new\",\"state\":\"%s\",\"sha\":\"h1\",\"source_branch\":"
                        + "\"topic\",\"target_branch\":\"main\",\"source_project_id\":1,\"target_project_id\":1,"
                        + "\"web_url\":\"https://gitlab.com/group/sub/app/-/merge_requests/5\","
                        + "\"author\":{\"username\":\"ada\",\"name\":\"Ada L.\"}}";
        api.json(project + "/repository/tags?per_page=100", "[]");
        api.json(branches, "[" + commit.formatted("main", "a1") + "]");
        api.json(mergeRequests, "[]");
        try (HookHarness poller = poller("gitlab", "group/sub/app", Map.of("token", "t0ken"))) {
            poller.advanceAndRun(MINUTE);
            api.reply(
                    branches,
                    FakeApi.ok("[" + commit.formatted("main", "a2") + "]")
                            .with("Link", "<{url}" + branches + "&page=2>; rel=\"next\""));
            api.json(branches + "&page=2", "[" + commit.formatted("next", "a2") + "]");
            api.json(mergeRequests, "[" + mergeRequest.formatted("opened") + "]");
            poller.advanceAndRun(MINUTE);
            api.json(mergeRequests, "[]");
            api.json(project + "/merge_requests/5", mergeRequest.formatted("merged"));
            poller.advanceAndRun(MINUTE);

            assertThat(news(poller))
                    .containsExactly(
                            "branch.updated main a2",
                            "branch.created next a2",
                            "pullrequest.opened topic h1",
                            "pullrequest.merged topic h1");
            assertFirstIsThePushOf(poller, host() + "|group/sub/app");
            assertThat(poller.events().getFirst().values())
                    .contains(
                            entry("git.author", "Ada L."),
                            entry("git.author.email", "ada@x"),
                            entry("git.message", "second"),
                            entry("git.hash.before", "a1"),
                            entry("git.repository", "group/sub/app"));
            assertThat(poller.events().getLast().values())
                    .contains(
                            entry("git.author", "ada"),
                            entry("git.from.repository", "group/sub/app"),
                            entry("git.pr.id", "5"),
                            entry("git.pr.to.branch", "main"));
            assertThat(api.requests())
                    .allSatisfy(request ->
                            assertThat(request.header("PRIVATE-TOKEN")).isEqualTo("t0ken"));
        }
    }

    @Test
    void giteaAndForgejo() {
        String repo = "/api/v1/repos/o/r";
        String branch = "[{\"name\":\"main\",\"commit\":{\"id\":\"%s\",\"message\":\"second\",\"author\":{\"name\":"
                + "\"Ada L.\",\"email\":\"ada@x\",\"username\":\"ada\"}}}]";
        String pull = "{\"number\":2,\"title\":\"new\",\"state\":\"%s\",\"merged\":%s,\"html_url\":\"u\",\"user\":"
                + "{\"login\":\"ada\",\"full_name\":\"Ada L.\",\"email\":\"ada@x\"},\"head\":{\"ref\":\"topic\",\"sha\":"
                + "\"h1\",\"repo\":{\"full_name\":\"ada/r\"}},\"base\":{\"ref\":\"main\",\"sha\":\"b0\",\"repo\":"
                + "{\"full_name\":\"o/r\"}}}";
        String pulls = repo + "/pulls?state=open&sort=oldest&limit=50";
        api.json(repo + "/branches?limit=50", branch.formatted("a1"));
        api.json(repo + "/tags?limit=50", "[]");
        api.json(pulls, "[]");
        try (HookHarness poller = poller("gitea", "o/r", Map.of("token", "t0ken"))) {
            poller.advanceAndRun(MINUTE);
            api.json(repo + "/branches?limit=50", branch.formatted("a2"));
            api.json(
                    repo + "/tags?limit=50",
                    "[{\"name\":\"v1\",\"id\":\"t1\",\"message\":\"release\",\"commit\":{\"sha\":\"a2\",\"url\":\"u\"}}]");
            api.json(
                    repo + "/git/commits/a2",
                    "{\"sha\":\"a2\",\"author\":{\"login\":\"ada\"},\"commit\":{\"message\":\"second\",\"author\":"
                            + "{\"name\":\"Ada L.\",\"email\":\"ada@x\"}}}");
            api.json(pulls, "[" + pull.formatted("open", "false") + "]");
            poller.advanceAndRun(MINUTE);
            api.json(pulls, "[]");
            api.json(repo + "/pulls/2", pull.formatted("closed", "false"));
            poller.advanceAndRun(MINUTE);

            assertThat(news(poller))
                    .containsExactly(
                            "branch.updated main a2",
                            "tag.created v1 a2",
                            "pullrequest.opened topic h1",
                            "pullrequest.closed topic h1");
            assertFirstIsThePushOf(poller, host() + "|o/r");
            assertThat(poller.events().subList(0, 2))
                    .allSatisfy(event -> assertThat(event.values())
                            .contains(
                                    entry("git.author", "ada"),
                                    entry("cds.triggered_by.fullname", "Ada L."),
                                    entry("git.author.email", "ada@x"),
                                    entry("git.message", "second")));
            assertThat(api.requests())
                    .allSatisfy(request ->
                            assertThat(request.header("Authorization")).isEqualTo("token t0ken"));
        }
    }

    @Test
    void bitbucketCloud() {
        String repo = "/2.0/repositories/team/r";
        String branches = repo + "/refs/branches?pagelen=100&sort=name";
        String pulls = repo + "/pullrequests?state=OPEN&sort=id&pagelen=50";
        String branch = "{\"name\":\"%s\",\"type\":\"branch\",\"target\":{\"hash\":\"%s\",\"message\":\"second\\n\","
                + "\"author\":{\"raw\":\"Ada L. <ada@x>\",\"user\":{\"nickname\":\"ada\",\"display_name\":\"Ada\"}}}}";
        String pull = "{\"id\":4,\"title\":\"new\",\"state\":\"%s\",\"links\":{\"html\":{\"href\":\"u\"}},\"author\":"
                + "{\"nickname\":\"ada\",\"display_name\":\"Ada L.\"},\"source\":{\"branch\":{\"name\":\"topic\"},"
                + "\"commit\":{\"hash\":\"h1\"},\"repository\":{\"full_name\":\"ada/r\"}},\"destination\":{\"branch\":"
                + "{\"name\":\"main\"},\"commit\":{\"hash\":\"b0\"},\"repository\":{\"full_name\":\"team/r\"}}}";
        String none = "{\"values\":[],\"pagelen\":100}";
        api.json(branches, "{\"values\":[" + branch.formatted("main", "a1") + "],\"pagelen\":100}");
        api.json(repo + "/refs/tags?pagelen=100&sort=name", none);
        api.json(pulls, none);
        try (HookHarness poller = poller("bitbucket-cloud", "team/r", Map.of("username", "ada@x", "token", "t0ken"))) {
            poller.advanceAndRun(MINUTE);
            api.json(
                    branches,
                    "{\"values\":[" + branch.formatted("main", "a2") + "],\"next\":\"{url}" + branches + "&page=2\"}");
            api.json(branches + "&page=2", "{\"values\":[" + branch.formatted("next", "a3") + "]}");
            api.json(pulls, "{\"values\":[" + pull.formatted("OPEN") + "]}");
            poller.advanceAndRun(MINUTE);
            api.json(pulls, none);
            api.json(repo + "/pullrequests/4", pull.formatted("DECLINED"));
            poller.advanceAndRun(MINUTE);

            assertThat(news(poller))
                    .containsExactly(
                            "branch.updated main a2",
                            "branch.created next a3",
                            "pullrequest.opened topic h1",
                            "pullrequest.closed topic h1");
            assertFirstIsThePushOf(poller, host() + "|team/r");
            assertThat(poller.events().getFirst().values())
                    .contains(
                            entry("git.author", "ada"),
                            entry("cds.triggered_by.fullname", "Ada L."),
                            entry("git.author.email", "ada@x"),
                            entry("git.message", "second\n"));
            assertThat(api.requests())
                    .allSatisfy(request ->
                            assertThat(request.header("Authorization")).isEqualTo("Basic YWRhQHg6dDBrZW4="));
        }
    }

    @Test
    void bitbucketServer() {
        String repo = "/rest/api/1.0/projects/PRJ/repos/app";
        String branches = repo + "/branches?orderBy=ALPHABETICAL&limit=100";
        String tags = repo + "/tags?orderBy=ALPHABETICAL&limit=100";
        String pulls = repo + "/pull-requests?state=OPEN&order=OLDEST&limit=100";
        String ref = "{\"id\":\"refs/%s\",\"displayId\":\"x\",\"latestCommit\":\"%s\"}";
        String pull = "{\"id\":9,\"title\":\"new\",\"state\":\"%s\",\"fromRef\":{\"id\":\"refs/heads/topic\","
                + "\"displayId\":\"topic\",\"latestCommit\":\"h1\",\"repository\":{\"slug\":\"app\",\"project\":{\"key\":"
                + "\"~ada\"}}},\"toRef\":{\"displayId\":\"main\",\"latestCommit\":\"b0\",\"repository\":{\"slug\":\"app\","
                + "\"project\":{\"key\":\"PRJ\"}}},\"author\":{\"user\":{\"name\":\"ada\",\"displayName\":\"Ada L.\","
                + "\"emailAddress\":\"ada@x\"}},\"links\":{\"self\":[{\"href\":\"u\"}]}}";
        String none = "{\"values\":[],\"isLastPage\":true}";
        api.json(branches, "{\"values\":[" + ref.formatted("heads/main", "a1") + "],\"isLastPage\":true}");
        api.json(tags, none);
        api.json(pulls, none);
        api.json(
                repo + "/commits/a2",
                "{\"id\":\"a2\",\"message\":\"second\",\"author\":{\"name\":\"ada\",\"emailAddress\":\"ada@x\","
                        + "\"displayName\":\"Ada L.\"}}");
        try (HookHarness poller = poller("bitbucket-server", "PRJ/app", Map.of("token", "t0ken"))) {
            poller.advanceAndRun(MINUTE);
            // the number of the next is the server's, and no sum of sizes
            api.json(
                    branches,
                    "{\"values\":[" + ref.formatted("heads/main", "a2")
                            + "],\"isLastPage\":false,\"size\":1,\"nextPageStart\":7}");
            api.json(
                    branches + "&start=7",
                    "{\"values\":[" + ref.formatted("heads/x", "a3")
                            + "],\"isLastPage\":false,\"size\":1,\"nextPageStart\":9}");
            api.json(
                    branches + "&start=9", "{\"values\":[" + ref.formatted("heads/y", "a3") + "],\"isLastPage\":true}");
            api.json(tags, "{\"values\":[" + ref.formatted("tags/v1", "a2") + "],\"isLastPage\":true}");
            api.json(pulls, "{\"values\":[" + pull.formatted("OPEN") + "],\"isLastPage\":true}");
            poller.advanceAndRun(MINUTE);
            api.json(pulls, none);
            api.json(repo + "/pull-requests/9", pull.formatted("MERGED"));
            poller.advanceAndRun(MINUTE);

            assertThat(news(poller))
                    .containsExactly(
                            "branch.updated main a2",
                            "branch.created x a3",
                            "branch.created y a3",
                            "tag.created v1 a2",
                            "pullrequest.opened topic h1",
                            "pullrequest.merged topic h1");
            assertFirstIsThePushOf(poller, "|prj/app");
            assertThat(poller.events().getFirst().values())
                    .contains(
                            entry("git.author", "ada"),
                            entry("cds.triggered_by.fullname", "Ada L."),
                            entry("git.author.email", "ada@x"),
                            entry("git.message", "second"),
                            entry("git.repository", "PRJ/app"));
            assertThat(poller.events().getLast().values()).contains(entry("git.from.repository", "~ada/app"));
            assertThat(api.requests())
                    .allSatisfy(request ->
                            assertThat(request.header("Authorization")).isEqualTo("Bearer t0ken"));
        }
    }

    private HookHarness poller(String provider, String repository, Map<String, String> more) {
        Map<String, String> options = new TreeMap<>(Map.of(
                "provider", provider, "url", api.url(), "repository", repository, "events", "branch,tag,pullrequest"));
        options.putAll(more);
        return HookHarness.of(new RepoPollerType()).create(options);
    }

    /** The name by which a webhook's delivery of the same push is known: RepoWebhookTest expects the same of those. */
    private void assertFirstIsThePushOf(HookHarness poller, String hostAndRepository) {
        assertThat(poller.events().getFirst().once()).contains("ref|" + hostAndRepository + "|refs/heads/main|a1|a2");
    }

    private String host() {
        return api.url().substring("http://".length());
    }

    private static List<String> news(HookHarness poller) {
        return poller.events().stream()
                .map(event -> event.values())
                .map(values -> values.get("git.event") + " "
                        + values.getOrDefault("git.tag", String.valueOf(values.get("git.branch"))) + " "
                        + values.get("git.hash"))
                .toList();
    }
}
