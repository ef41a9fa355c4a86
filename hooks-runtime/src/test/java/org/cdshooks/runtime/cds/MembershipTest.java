package org.cdshooks.runtime.cds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.runtime.cds.CdsFixture.TurnedClock;
import org.cdshooks.runtime.engine.Engine;
import org.cdshooks.runtime.engine.EngineConfig;
import org.cdshooks.runtime.engine.StatusLine;
import org.cdshooks.runtime.engine.StatusLine.Level;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.testbed.cds.FakeCdsApi;
import org.cdshooks.testbed.cds.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The original ends when the API is away; this service stays. */
final class MembershipTest {
    private static final String REGISTER = "/services/register";
    private static final ObjectMapper JSON = new ObjectMapper();

    @AutoClose
    private final FakeCdsApi fake = new FakeCdsApi();

    private final TurnedClock clock = new TurnedClock();

    @AutoClose
    private final TaskStore store = LocalStores.memory(clock);

    private final CdsEventSink sink = new CdsEventSink();
    private final Engine engine = new Engine(
            store,
            PluginRegistry.of(CdsFixture.Bell.ALL, List.of(sink)),
            EngineConfig.defaults(java.net.URI.create("http://hooks.test")),
            clock);

    private CdsSettings settings = CdsFixture.settings(fake.url());

    @AutoClose
    private final CdsApi api = new CdsApi(settings);

    private final List<String> hashes = new ArrayList<>();
    private final List<Runnable> background = new ArrayList<>();

    @BeforeEach
    void haveTheVersionOfTheFixture() {
        fake.setVersion("1.2.3");
    }

    @AfterEach
    void stopTheEngine() {
        engine.stop(Duration.ZERO);
    }

    private Membership membership() {
        return new Membership(
                CdsFixture.registration(api, settings),
                new Synchronisation(
                        api,
                        engine.tasks(),
                        hook -> new HookReader.Read("", "", Map.of(), List.<ConfigProblem>of()),
                        clock,
                        50),
                settings,
                clock,
                hash -> {
                    hashes.add(hash);
                    api.authenticateBy(hash);
                },
                background::add);
    }

    private void inBackground() {
        List<Runnable> waiting = List.copyOf(background);
        background.clear();
        waiting.forEach(Runnable::run);
    }

    private static StatusLine line(Membership membership, String component) {
        return membership.status().stream()
                .filter(line -> line.component().equals(component))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theRegistrationIsSentAsCdsSendsItAndGivesTheHash() throws Exception {
        Duration next = membership().beat();

        assertThat(fake.objections()).isEmpty();
        assertThat(hashes).containsExactly(fake.hash());
        assertThat(next).isEqualTo(settings.heartbeat());
        JsonNode sent = JSON.readTree(fake.requests(REGISTER).getFirst().body());
        List<String> names = new ArrayList<>();
        sent.fieldNames().forEachRemaining(names::add);
        assertThat(names)
                .containsExactly(
                        "id",
                        "name",
                        "type",
                        "http_url",
                        "last_heartbeat",
                        "hash",
                        "token",
                        "group_id",
                        "group",
                        "monitoring_status",
                        "config",
                        "is_shared_infra",
                        "version",
                        "up_to_date");
        assertThat(sent.get("http_url").asText()).isEqualTo("http://127.0.0.1:28083");
        assertThat(fake.requests(REGISTER).getFirst().headers()).doesNotContainKey("X_auth_header");
    }

    @Test
    void aHeartbeatIsTheSameWithTheHashInItsHeaders() throws Exception {
        Membership membership = membership();
        membership.beat();
        membership.beat();

        assertThat(fake.objections()).isEmpty();
        assertThat(fake.requests(REGISTER)).hasSize(2);
        assertThat(fake.requests(REGISTER).getLast().headers()).containsKey("X_auth_header");
        assertThat(fake.requests(REGISTER).getLast().body())
                .isEqualTo(fake.requests(REGISTER).getFirst().body());
        assertThat(line(membership, "CDS API").level()).isEqualTo(Level.OK);
    }

    /** The API shows a warning for a service whose version is not its own. */
    @Test
    void theServiceRegistersWithTheVersionOfTheApi() throws Exception {
        fake.setVersion("0.34.0+cds.5001");
        Membership membership = membership();
        membership.beat();

        assertThat(fake.requests(REGISTER)).hasSize(2);
        assertThat(JSON.readTree(fake.requests(REGISTER).getLast().body())
                        .get("version")
                        .asText())
                .isEqualTo("0.34.0+cds.5001");
        assertThat(line(membership, "Version")).isEqualTo(new StatusLine(Level.OK, "Version", "0.34.0+cds.5001"));
        membership.beat();
        assertThat(fake.requests(REGISTER)).hasSize(3);
        assertThat(fake.requests("/mon/version")).hasSize(1);

        fake.setVersion("0.35.0");
        membership.beat();
        assertThat(line(membership, "Version").value()).isEqualTo("0.35.0");
        assertThat(fake.objections()).isEmpty();
    }

    @Test
    void anApiThatDoesNotTellItsVersionIsRegisteredWithAllTheSame() throws Exception {
        fake.setVersion("0.34.0");
        fake.failAlways("/mon/version", Fault.ERROR_500);
        Membership membership = membership();

        assertThat(membership.beat()).isEqualTo(settings.heartbeat());
        assertThat(membership.hasRegistered()).isTrue();
        assertThat(line(membership, "CDS API").level()).isEqualTo(Level.OK);
    }

    @Test
    void anApiThatIsAwayAtTheStartIsTriedAgainEverMoreRarely() throws Exception {
        fake.stop();
        Membership membership = membership();

        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            millis.add(membership.beat().toMillis());
        }

        for (int i = 0; i < 8; i++) {
            long bound = Math.min(30_000, 1000L << i);
            assertThat(millis.get(i)).as("delay %s", i).isBetween(bound / 2, bound);
        }
        assertThat(membership.hasRegistered()).isFalse();
        fake.startAgain();
        assertThat(membership.beat()).isEqualTo(settings.heartbeat());
        assertThat(membership.hasRegistered()).isTrue();
        assertThat(hashes).containsExactly(fake.hash());
    }

    /** Defect A14 of CDS: there, too many end the process. */
    @Test
    void tooManyHeartbeatsThatFailAreAnAlertAndNoEnd() throws Exception {
        Membership membership = membership();
        membership.beat();
        fake.stop();

        Map<Integer, Level> levels = new HashMap<>();
        for (int failed = 1; failed <= 5; failed++) {
            membership.beat();
            levels.put(failed, line(membership, "CDS API").level());
        }

        assertThat(levels)
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(1, Level.WARN, 2, Level.WARN, 3, Level.WARN, 4, Level.AL, 5, Level.AL));
        assertThat(line(membership, "CDS API").value()).contains("5 tries failed", fake.url());
        fake.startAgain();
        membership.beat();
        assertThat(line(membership, "CDS API").level()).isEqualTo(Level.OK);
    }

    @Test
    void aRefusedTokenNamesTheSettingAndNotTheToken() throws Exception {
        settings = CdsFixture.settings(fake.url(), "not-the-token", Duration.ofSeconds(10), 50);
        Membership membership = membership();
        membership.beat();

        assertThat(line(membership, "CDS API").value())
                .contains("401", "cds.api.token", "shared.infra")
                .doesNotContain("not-the-token");
        assertThat(settings.toString()).doesNotContain("not-the-token");
    }

    /** The API answers 401 to a good token, too, while it can't read its database. */
    @Test
    void aTokenThatWasGoodIsNotBlamedForA401() throws Exception {
        Membership membership = membership();
        membership.beat();
        fake.failAlways(REGISTER, Fault.UNAUTHORIZED);
        clock.turn(Duration.ofSeconds(30));
        membership.beat();

        assertThat(line(membership, "CDS API").value())
                .contains("401", "accepted the token 30s ago", "can't read its database", "log of the API")
                .doesNotContain("must be a token");
    }

    @Test
    void anAddressThatIsNotTheApiNamesTheSetting() throws Exception {
        fake.fail(REGISTER, Fault.NO_JSON);
        Membership membership = membership();
        membership.beat();

        assertThat(line(membership, "CDS API").value()).contains("cds.api.url", fake.url());
    }

    @Test
    void aNewHashIsTakenFromAHeartbeat() throws Exception {
        Membership membership = membership();
        membership.beat();
        fake.forgetService();
        membership.beat();

        assertThat(hashes).hasSize(2).doesNotHaveDuplicates().endsWith(fake.hash());
    }

    @Test
    void synchronisingIsDoneAfterTheRegistrationAndKeepsNoHeartbeatWaiting() throws Exception {
        Membership membership = membership();
        membership.beat();
        membership.beat();

        assertThat(fake.requests("/workflow/hook")).isEmpty();
        assertThat(background).hasSize(1);
        inBackground();
        assertThat(fake.requests("/workflow/hook")).hasSize(1);
        assertThat(line(membership, "CDS Hooks").level()).isEqualTo(Level.OK);
    }

    @Test
    void itIsDoneAgainEveryHour() throws Exception {
        Membership membership = membership();
        membership.beat();
        inBackground();
        clock.turn(Duration.ofMinutes(59));
        membership.beat();
        assertThat(background).isEmpty();
        clock.turn(Duration.ofMinutes(1));
        membership.beat();

        assertThat(background).hasSize(1);
    }

    @Test
    void anApiThatHasLeftOutTooManyHooksIsAskedAgainSoon() throws Exception {
        sink.start(CdsFixture.node(clock, Map.of(CdsCalls.class, new CdsEventSinkTest.Calls(api, clock))));
        for (int i = 0; i < 10; i++) {
            engine.tasks()
                    .put(
                            new TaskId("h" + i),
                            "Bell",
                            Map.of(
                                    "project", ConfigValue.of("PRJ"),
                                    "workflow", ConfigValue.of("w"),
                                    "sink", ConfigValue.of("cds")));
        }
        clock.turn(Duration.ofMinutes(10));
        Membership membership = membership();
        membership.beat();
        inBackground();
        assertThat(line(membership, "CDS Hooks").level()).isEqualTo(Level.WARN);
        clock.turn(Duration.ofMinutes(2));
        membership.beat();

        assertThat(background).hasSize(1);
    }

    @Test
    void aSynchronisationThatFailedIsTriedAgainWithTheNextHeartbeat() throws Exception {
        fake.fail("/workflow/hook", Fault.ERROR_500);
        Membership membership = membership();
        membership.beat();
        inBackground();

        assertThat(line(membership, "CDS Sync").level()).isEqualTo(Level.WARN);
        assertThat(line(membership, "CDS Sync").value()).contains("500");
        clock.turn(settings.heartbeat());
        membership.beat();
        inBackground();
        assertThat(membership.status()).extracting(StatusLine::component).doesNotContain("CDS Sync");
    }
}
