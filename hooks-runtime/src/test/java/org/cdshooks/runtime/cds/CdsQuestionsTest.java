package org.cdshooks.runtime.cds;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.testbed.cds.FakeCdsApi.hook;

import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.Secret;
import org.cdshooks.api.service.ServiceException;
import org.cdshooks.api.service.ServiceException.Kind;
import org.cdshooks.api.service.VcsEvents;
import org.cdshooks.testbed.cds.FakeCdsApi;
import org.cdshooks.testbed.cds.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CdsQuestionsTest {
    private static final String PLATFORM = "{\"id\":3,\"project_id\":1,\"name\":\"my"
            + " kafka\",\"platform_model_id\":2,\"model\":{},\"config\":{\"broker"
            + " url\":{\"value\":\"k1:9092,k2:9092\",\"type\":\"string\"},"
            + "\"password\":{\"value\":\"s3cret\",\"type\":\"password\"},\"username\":{\"value\":\"\",\"type\":\"string\"}}}";

    @AutoClose
    private final FakeCdsApi fake = new FakeCdsApi();

    private final CdsSettings settings = CdsFixture.settings(fake.url());

    @AutoClose
    private final CdsApi api = new CdsApi(settings);

    private final CdsFixture.TurnedClock clock = new CdsFixture.TurnedClock();
    private final CdsEventSinkTest.Calls calls = new CdsEventSinkTest.Calls(api, clock);
    private final CdsQuestions questions = new CdsQuestions(calls);

    @BeforeEach
    void register() throws Exception {
        CdsFixture.register(api, settings);
        fake.putHook("t-poll", hook("t-poll", "Git Repository Poller", "PRJ", "w0"));
    }

    @AfterEach
    void everyCallWasRight() {
        assertThat(fake.objections()).isEmpty();
    }

    private VcsEvents.Answer ask(Optional<Instant> lastDone) throws Exception {
        return questions.ask(new VcsEvents.Query(new TaskId("t-poll"), "7", "github", lastDone));
    }

    @Test
    void aPlatformIsReadWithItsPassword() throws Exception {
        fake.putPlatform("PRJ", "my kafka", PLATFORM);

        Map<String, Secret> read = questions.settings("PRJ", "my kafka");

        assertThat(read).containsOnlyKeys("broker url", "password", "username");
        assertThat(read.get("broker url").reveal()).isEqualTo("k1:9092,k2:9092");
        assertThat(read.get("password").reveal()).isEqualTo("s3cret");
        assertThat(read.get("username").reveal()).isEmpty();
    }

    @Test
    void aPlatformThatDoesNotExistIsToldFromAnApiThatIsAway() {
        assertThatThrownBy(() -> questions.settings("PRJ", "none"))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
                .hasMessageContaining("the platform 'none' of project PRJ")
                .hasMessageContaining("404");

        fake.fail("/project", Fault.PROXY_503);
        assertThatThrownBy(() -> questions.settings("PRJ", "none"))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.AWAY));
        calls.problem = Optional.of("no heartbeat");
        fake.fail("/project", Fault.PROXY_503);
        assertThatThrownBy(() -> questions.settings("PRJ", "none"))
                .as("the API behind the proxy is away")
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_YET));
        fake.stop();
        assertThatThrownBy(() -> questions.settings("PRJ", "none"))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_YET));
    }

    @Test
    void aPollWhoseHookIsBeingSavedIsPutOffAndOneWhoseHookIsGoneSuspendsItsTask() {
        fake.removeHooks();

        assertThatThrownBy(() -> ask(Optional.empty()))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_YET));
        clock.turn(MissingHooks.PATIENCE.minusMillis(1));
        assertThatThrownBy(() -> ask(Optional.empty()))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_YET));
        assertThat(calls.suspended).isEmpty();
        clock.turn(Duration.ofMillis(1));
        assertThatThrownBy(() -> ask(Optional.empty()))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
        assertThat(calls.suspended)
                .singleElement()
                .satisfies(told -> assertThat(told).startsWith("t-poll 3 ").contains("404"));
    }

    @Test
    void anApiThatHasForgottenTheServiceIsRegisteredWith() {
        fake.forgetService();

        assertThatThrownBy(() -> questions.settings("PRJ", "none"))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_YET));
        assertThat(calls.askedToRegister).hasValue(1);
    }

    @Test
    void eventsOfARepositoryAreReadAsCdsWritesThem() throws Exception {
        try (InputStream captured = CdsQuestionsTest.class.getResourceAsStream("/cds/poller-vcsevents-response.json")) {
            fake.putEvents(new String(captured.readAllBytes(), UTF_8));
        }

        VcsEvents.Answer answer = ask(Optional.of(Instant.ofEpochSecond(1_795_489_195L, 375_257_281)));

        assertThat(answer.pushes())
                .extracting(VcsEvents.Change::ref)
                .containsExactly("refs/heads/master", "refs/tags/v2");
        assertThat(answer.pushes().getFirst())
                .isEqualTo(new VcsEvents.Change(
                        "o/r",
                        "refs/heads/master",
                        new VcsEvents.Commit("h1", new VcsEvents.Author("Name1", "user1", "u1@x"), "msg 1", "")));
        assertThat(answer.created()).isEmpty();
        assertThat(answer.deleted()).isEmpty();
        assertThat(answer.pullRequests()).singleElement().satisfies(request -> {
            assertThat(request.action()).isEqualTo("opened");
            assertThat(request.head().ref()).isEqualTo("feature");
            assertThat(request.base().commit().hash()).isEqualTo("h4");
        });
        assertThat(answer.nextPoll()).contains(Duration.ofMillis(90_500));
        FakeCdsApi.Request sent = fake.requests("/hook/").getFirst();
        assertThat(sent.path()).isEqualTo("/hook/t-poll/workflow/7/vcsevent/github");
        assertThat(sent.headers()).containsEntry("X-Cds-Last-Execution", "1795489195375257281");
    }

    @Test
    void nullIsNoEventAndNoExecutionIsZero() throws Exception {
        assertThat(ask(Optional.empty()).pushes()).isEmpty();
        assertThat(fake.requests("/hook/").getFirst().headers()).containsEntry("X-Cds-Last-Execution", "0");
    }

    @Test
    void nothingIsAskedBeforeTheRegistration() {
        calls.registered = false;

        assertThatThrownBy(() -> ask(Optional.empty()))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_YET))
                .hasMessageContaining("not registered");
        assertThat(fake.requests("/hook/")).isEmpty();
    }
}
