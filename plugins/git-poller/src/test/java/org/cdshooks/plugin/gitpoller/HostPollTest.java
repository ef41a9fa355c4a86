package org.cdshooks.plugin.gitpoller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Payload;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.api.service.ServiceException;
import org.cdshooks.api.service.ServiceException.Kind;
import org.cdshooks.api.service.VcsEvents;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.RecordedExecution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The provider cds, held against what the original service did. */
class HostPollTest {
    /** The config of the captured task, save what says where its events go. */
    private static final Map<String, String> OPTIONS = Map.of(
            "hookIcon", "",
            "payload", "{\"extra\":{\"K\":1},\"git.message\":\"base wins\"}",
            "project", "PRJ",
            "repoFullName", "o/r",
            "vcsServer", "github",
            "workflow", "w0",
            "workflow_id", "7");

    private final List<VcsEvents.Query> queries = new ArrayList<>();

    /** Defect B10 of CDS: there, all runs of a poll get the values of the first event, and the tag of another. */
    @Test
    void eachEventHasItsOwnValues() throws IOException {
        try (HookHarness poller = poller(query -> captured(Optional.empty()), OPTIONS)) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(poller.events().stream().map(event -> event.values()).toList())
                    .containsExactly(
                            values("1", Map.of("git.branch", "master")),
                            values("2", Map.of("git.branch", "v2", "git.tag", "v2")),
                            values("3", Map.of("git.branch", "feature")));
            // the first of them is the captured one, but for the tag that is not its own
            Map<String, String> first = capturedRun();
            assertThat(first.remove("git.tag")).isEqualTo("v2");
            assertThat(poller.events().getFirst().values()).isEqualTo(first);
        }
    }

    private static Map<String, String> values(String n, Map<String, String> more) {
        Map<String, String> values = new TreeMap<>(Map.of(
                "cds.triggered_by.email", "u" + n + "@x",
                "cds.triggered_by.fullname", "Name" + n,
                "cds.triggered_by.username", "user" + n,
                "extra.k", "1",
                "git.author", "Name" + n,
                "git.author.email", "u" + n + "@x",
                "git.hash", "h" + n,
                "git.message", "base wins",
                "git.repository", "o/r"));
        values.putAll(more);
        return values;
    }

    /** Defect B11 of CDS: there, the header is stored and never read. */
    @Test
    void theHostSaysWhenToAskAgain() {
        try (HookHarness poller = poller(query -> captured(Optional.of(Duration.ofSeconds(300))), OPTIONS)) {
            poller.advanceAndRun(Duration.ofSeconds(60));
            assertThat(poller.nextDue()).contains(poller.now().plusSeconds(300));

            poller.advanceAndRun(Duration.ofSeconds(299));
            assertThat(queries).hasSize(1);
            poller.advanceAndRun(Duration.ofSeconds(1));
            assertThat(queries).hasSize(2);
        }
    }

    @Test
    void theHostMayAskForMoreTimeButNotForLessAndNotForEver() {
        for (Map.Entry<Duration, Duration> wish : Map.of(
                        Duration.ofSeconds(1), Duration.ofMinutes(1),
                        Duration.ofDays(365), Duration.ofDays(1))
                .entrySet()) {
            try (HookHarness poller = poller(query -> captured(Optional.of(wish.getKey())), OPTIONS)) {
                poller.advanceAndRun(Duration.ofMinutes(1));
                assertThat(poller.nextDue()).contains(poller.now().plus(wish.getValue()));
            }
        }
    }

    /** Defect B12 of CDS: there, each retry of a failure starts one more chain of polls. */
    @Test
    void aFailureThatIsTriedAgainStartsNoSecondChain() {
        try (HookHarness poller = poller(
                query -> {
                    throw new ServiceException(Kind.AWAY, "the CDS API does not answer");
                },
                OPTIONS)) {
            poller.advanceAndRun(Duration.ofMinutes(1));
            poller.retry();
            poller.retry();
            poller.advance(Duration.ofMinutes(1));

            assertThat(poller.pending()).isEqualTo(1);
            assertThat(poller.executions())
                    .extracting(RecordedExecution::state)
                    .containsExactly(RecordedExecution.State.PENDING);
            assertThat(poller.cursor()).isEmpty();
        }
    }

    @Test
    void aHostThatCanNotBeAskedYetIsLeftToTheRuntime() {
        try (HookHarness poller = poller(
                query -> {
                    throw new ServiceException(Kind.NOT_YET, "not registered yet");
                },
                OPTIONS)) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(poller.results()).isEmpty();
            assertThat(poller.pending()).isEqualTo(1);
        }
    }

    @Test
    void itAsksSinceTheLastPollThatIsDoneWasDue() {
        List<Boolean> isAway = new ArrayList<>(List.of(false, true, false));
        try (HookHarness poller = poller(
                query -> {
                    if (isAway.removeFirst()) {
                        throw new ServiceException(Kind.AWAY, "the CDS API does not answer");
                    }
                    return captured(Optional.empty());
                },
                OPTIONS)) {
            Instant start = poller.now();
            poller.advanceAndRun(Duration.ofMinutes(1));
            poller.advanceAndRun(Duration.ofMinutes(1));
            poller.retry();

            assertThat(queries)
                    .containsExactly(
                            new VcsEvents.Query(new TaskId("task-1"), "7", "github", Optional.empty()),
                            new VcsEvents.Query(
                                    new TaskId("task-1"), "7", "github", Optional.of(start.plusSeconds(60))),
                            new VcsEvents.Query(
                                    new TaskId("task-1"), "7", "github", Optional.of(start.plusSeconds(60))));
        }
    }

    @Test
    void whatIsToldTwiceMakesOneEvent() {
        try (HookHarness poller = poller(query -> captured(Optional.empty()), OPTIONS)) {
            poller.advanceAndRun(Duration.ofMinutes(2));

            assertThat(queries).hasSize(2);
            assertThat(poller.events()).hasSize(3);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"NOT_FOUND", "NOT_ALLOWED"})
    void whatNoRetryMendsIsRejected(Kind kind) {
        try (HookHarness poller = poller(
                query -> {
                    throw new ServiceException(kind, "CDS knows no hook task-1");
                },
                OPTIONS)) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(poller.results()).containsExactly(ExecutionResult.rejected("CDS knows no hook task-1"));
        }
    }

    @Test
    void theFirstPollIsWhenCdsSays() {
        Map<String, String> options = new TreeMap<>(OPTIONS);
        try (HookHarness poller = HookHarness.of(new RepoPollerType())
                .service(VcsEvents.class, query -> captured(Optional.empty()))
                .startAt(Instant.ofEpochSecond(1_000_000))
                .create(with(options, "next_execution", "1000300"))) {
            assertThat(poller.nextDue()).contains(Instant.ofEpochSecond(1_000_300));
            poller.advanceAndRun(Duration.ofMinutes(5));
            assertThat(poller.nextDue()).contains(Instant.ofEpochSecond(1_000_360));
        }
        try (HookHarness poller = poller(
                query -> captured(Optional.empty()),
                with(options, "next_execution", "2026-11-24 03:50:29.6 +0000 UTC m=+240.1"))) {
            assertThat(poller.nextDue()).contains(poller.now().plusSeconds(60));
        }
    }

    @Test
    void withoutAWorkflowThereIsNobodyToAskFor() {
        try (HookHarness poller = poller(query -> captured(Optional.empty()), Map.of("vcsServer", "github"))) {
            poller.fire(Payload.empty());
            poller.runPending();

            assertThat(poller.results())
                    .singleElement()
                    .isEqualTo(ExecutionResult.rejected(
                            "The task has no workflow_id, by which the CDS API knows its repository."));
        }
    }

    @Test
    void withoutAHostTheWayOutIsTold() {
        assertThatThrownBy(() -> HookHarness.of(new RepoPollerType()).create(OPTIONS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("set provider to one of [git, github, gitlab");
        RepoPollerType type = new RepoPollerType();
        try (HookHarness _ =
                HookHarness.of(type).create(Map.of("provider", "git", "url", "https://example.org/r.git"))) {
            assertThat(type.validate(type.descriptor().config().parse(Map.of("vcsServer", "github"))))
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.message()).contains("not tied to a CDS API"));
        }
    }

    @Test
    void aPayloadThatIsNoJsonIsTold() {
        assertThatThrownBy(() -> poller(query -> captured(Optional.empty()), with(OPTIONS, "payload", "{nope")))
                .isInstanceOfSatisfying(
                        InvalidConfigException.class,
                        e -> assertThat(e.problems())
                                .singleElement()
                                .satisfies(
                                        problem -> assertThat(problem.option()).isEqualTo("payload")));
    }

    @Test
    void anEmptyValueOfThePayloadGivesWay() {
        try (HookHarness poller =
                poller(query -> captured(Optional.empty()), with(OPTIONS, "payload", "{\"git.branch\":\"\"}"))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(poller.events().getFirst().values()).contains(entry("git.branch", "master"));
        }
    }

    // -------------------------------------------------------------------------------------- helpers

    /** A host that is asked. */
    private interface Host {
        VcsEvents.Answer answer(VcsEvents.Query query) throws ServiceException;
    }

    private HookHarness poller(Host host, Map<String, String> options) {
        return HookHarness.of(new RepoPollerType())
                .service(VcsEvents.class, query -> {
                    queries.add(query);
                    return host.answer(query);
                })
                .create(options);
    }

    private static Map<String, String> with(Map<String, String> options, String name, String value) {
        Map<String, String> all = new TreeMap<>(options);
        all.put(name, value);
        return all;
    }

    private static VcsEvents.Answer captured(Optional<Duration> nextPoll) {
        JsonNode json = resource("/cds/poller-vcsevents-response.json");
        List<VcsEvents.Change> pushes = new ArrayList<>();
        json.get("push_events").forEach(push -> pushes.add(change(push)));
        List<VcsEvents.PullRequest> requests = new ArrayList<>();
        json.get("pullrequest_events")
                .forEach(request -> requests.add(new VcsEvents.PullRequest(
                        request.get("action").asText(),
                        request.get("url").asText(),
                        request.get("repo").asText(),
                        change(request.get("head")),
                        change(request.get("base")))));
        return new VcsEvents.Answer(pushes, List.of(), List.of(), requests, nextPoll);
    }

    private static VcsEvents.Change change(JsonNode json) {
        JsonNode commit = json.get("commit");
        JsonNode author = commit.get("author");
        return new VcsEvents.Change(
                json.get("repo").asText(),
                json.get("branch").get("display_id").asText(),
                new VcsEvents.Commit(
                        commit.get("id").asText(),
                        new VcsEvents.Author(
                                author.get("name").asText(),
                                author.get("displayName").asText(),
                                author.get("emailAddress").asText()),
                        commit.get("message").asText(),
                        commit.get("url").asText()));
    }

    /** What the original sent for the first event. */
    private static Map<String, String> capturedRun() throws IOException {
        String body =
                resource("/cds/poller-run.json").get("calls").get(1).get("body").asText();
        Map<String, String> payload = new TreeMap<>();
        new ObjectMapper()
                .readTree(body)
                .get("hook")
                .get("payload")
                .properties()
                .forEach(value -> payload.put(value.getKey(), value.getValue().asText()));
        return payload;
    }

    private static JsonNode resource(String name) {
        try (InputStream in = Objects.requireNonNull(HostPollTest.class.getResourceAsStream(name))) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
