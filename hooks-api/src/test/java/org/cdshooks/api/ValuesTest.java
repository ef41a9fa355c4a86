package org.cdshooks.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.service.VcsEvents;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    // ----------------------------------------------------------------------------------- payload

    @Test
    void aPayloadDoesNotChangeWithItsBytes() {
        byte[] bytes = "abc".getBytes(UTF_8);
        Payload payload = Payload.of("text/plain", bytes);
        bytes[0] = 'X';
        payload.body()[1] = 'X';

        assertThat(payload.text()).isEqualTo("abc");
        assertThat(payload.contentType()).isEqualTo("text/plain");
    }

    @Test
    void aPayloadDoesNotChangeWithItsAttributes() {
        List<String> values = new ArrayList<>(List.of("1"));
        Map<String, List<String>> attributes = new HashMap<>(Map.of("a", values));
        Payload payload = Payload.empty().withAttributes(attributes);
        values.add("2");
        attributes.clear();

        assertThat(payload.attributes()).containsExactly(Map.entry("a", List.of("1")));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> payload.attributes().clear());
        assertThat(Payload.empty().attributes()).isEmpty();
    }

    @Test
    void attributesReplaceThoseOfTheSameNameAndMayHaveSeveralValues() {
        Payload payload = Payload.empty()
                .withAttributes(Map.of("b", List.of("1", "2"), "a", List.of("3")))
                .withAttribute("a", "4");

        assertThat(payload.attribute("a")).contains("4");
        assertThat(payload.attribute("b")).contains("1, 2");
        assertThat(payload.attribute("B")).isEmpty();
        assertThat(payload.attributes().keySet()).containsExactly("a", "b");
    }

    @Test
    void aCallBecomesAPayloadWhole() {
        HttpCall call = new HttpCall() {
            @Override
            public String method() {
                return "POST";
            }

            @Override
            public String path() {
                return "/push";
            }

            @Override
            public String query() {
                return "a=b";
            }

            @Override
            public Map<String, List<String>> headers() {
                return Map.of("content-type", List.of("text/plain"), "x-a", List.of("1", "2"));
            }

            @Override
            public byte[] body() {
                return "abc".getBytes(UTF_8);
            }
        };

        Payload payload = call.toPayload();

        assertThat(call.header("X-A")).contains("1, 2");
        assertThat(payload.contentType()).isEqualTo("text/plain");
        assertThat(payload.text()).isEqualTo("abc");
        assertThat(payload.attribute(HttpCall.METHOD)).contains("POST");
        assertThat(payload.attribute(HttpCall.PATH)).contains("/push");
        assertThat(payload.attribute(HttpCall.QUERY)).contains("a=b");
        assertThat(payload.attributes().get("x-a")).containsExactly("1", "2");
    }

    // ------------------------------------------------------------------------ events and results

    @Test
    void anEventIsSortedAndDoesNotChange() {
        Map<String, String> values = new HashMap<>(Map.of("git.branch", "main"));
        HookEvent event = HookEvent.of(values);
        HookEvent more = event.with("a", "1");
        values.clear();

        assertThat(event.values()).containsExactly(Map.entry("git.branch", "main"));
        assertThat(more.values().keySet()).containsExactly("a", "git.branch");
        assertThat(more).isEqualTo(HookEvent.of(Map.of("git.branch", "main", "a", "1")));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> event.values().put("b", "2"));
    }

    @Test
    void aResultIsCopiedWithEachAddition() {
        List<HookEvent> events = new ArrayList<>(List.of(HookEvent.of(Map.of())));
        ExecutionResult.Completed plain = ExecutionResult.completed(events);
        ExecutionResult.Completed full = plain.cursor("c").nextDue(NOON);
        events.clear();

        assertThat(plain.events()).hasSize(1);
        assertThat(plain.cursor()).isEmpty();
        assertThat(plain.nextDue()).isEmpty();
        assertThat(full.events()).hasSize(1);
        assertThat(full.cursor()).contains("c");
        assertThat(full.nextDue()).contains(NOON);
    }

    @Test
    void anInvocationIsCopiedWithEachAddition() {
        Invocation plain = Invocation.of(Payload.empty());
        Invocation full = plain.dedupKey("k").cursor("c");

        assertThat(plain.dedupKey()).isEmpty();
        assertThat(plain.cursor()).isEmpty();
        assertThat(full.dedupKey()).contains("k");
        assertThat(full.cursor()).contains("c");
        assertThat(full.payload()).isSameAs(Payload.empty());
    }

    @Test
    void aDeliveryIsOneOfFour() {
        assertThat(DeliveryResult.delivered("ok").run(12)).isEqualTo(new DeliveryResult.Delivered("ok", 12));
        assertThat(DeliveryResult.retry("503").after(Duration.ofSeconds(3)).after())
                .contains(Duration.ofSeconds(3));
        assertThat(DeliveryResult.retry("503").after()).isEmpty();
        assertThat(DeliveryResult.rejected("410").gone()).isFalse();
        assertThat(DeliveryResult.rejected("410").targetGone().gone()).isTrue();
        assertThat(DeliveryResult.deferred("open", Duration.ofSeconds(30)).after())
                .isEqualTo(Duration.ofSeconds(30));
    }

    // ---------------------------------------------------------------------------------- triggers

    @Test
    void anHttpTriggerIsCopiedWithEachSetting() {
        HttpReceiver receiver = (call, context) -> HttpReply.of(204, "");
        Trigger.Http plain = Trigger.http(receiver);
        Trigger.Http narrow = plain.methods("POST", "PUT").maxBody(10);

        assertThat(plain.name()).isEqualTo("http");
        assertThat(plain.methods()).isEmpty();
        assertThat(plain.maxBody()).isEmpty();
        assertThat(narrow.methods()).containsExactly("POST", "PUT");
        assertThat(narrow.maxBody()).hasValue(10);
        assertThat(narrow.receiver()).isSameAs(receiver);
        assertThatIllegalArgumentException().isThrownBy(() -> plain.methods("post"));
        assertThatIllegalArgumentException().isThrownBy(() -> plain.methods(new String[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> plain.maxBody(0));
    }

    @Test
    void aTimerIsCopiedWithEachSetting() {
        Trigger.Timer plain = Trigger.timer(Schedule.every(Duration.ofHours(1)));
        Trigger.Timer other =
                plain.missedRuns(MissedRuns.ALL).overlap(Overlap.ALLOW).spread(Duration.ofSeconds(30));

        assertThat(plain.name()).isEqualTo("timer");
        assertThat(plain.missedRuns()).isEqualTo(MissedRuns.LAST);
        assertThat(plain.overlap()).isEqualTo(Overlap.SKIP);
        assertThat(plain.spread()).isZero();
        assertThat(other.missedRuns()).isEqualTo(MissedRuns.ALL);
        assertThat(other.overlap()).isEqualTo(Overlap.ALLOW);
        assertThat(other.spread()).isEqualTo(Duration.ofSeconds(30));
        assertThat(other.schedule()).isSameAs(plain.schedule());
        assertThatIllegalArgumentException().isThrownBy(() -> plain.spread(Duration.ofSeconds(-1)));
    }

    @Test
    void aListenerIsCopiedWithItsKey() {
        Listener listener = context -> {};
        Trigger.Listening plain = Trigger.listener(listener);

        assertThat(plain.name()).isEqualTo("listener");
        assertThat(plain.colocationKey()).isEmpty();
        assertThat(plain.colocatedBy("server").colocationKey()).isEqualTo("server");
        assertThat(plain.colocatedBy("server").listener()).isSameAs(listener);
    }

    @Test
    void aFixedIntervalIsAlwaysDueLater() {
        Schedule schedule = Schedule.every(Duration.ofMinutes(5));

        assertThat(schedule.next(NOON)).isEqualTo(Optional.of(NOON.plusSeconds(300)));
        assertThat(schedule.next(Instant.MAX)).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> Schedule.every(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> Schedule.every(Duration.ofSeconds(-1)));
    }

    // ----------------------------------------------------------------------- ids and descriptors

    @ParameterizedTest
    @ValueSource(strings = {"a", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "YWJj+/==", "A_1"})
    void uuidsAndBase64AreTaskIds(String text) {
        assertThat(TaskId.isValid(text)).isTrue();
        assertThat(new TaskId(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a:b", "a b", "a\n", "ä", "..", "a*", "{a}", "a%2Fb"})
    void whatCouldBreakAKeyOrAnAddressIsNoTaskId(String text) {
        assertThat(TaskId.isValid(text)).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new TaskId(text));
    }

    @Test
    void aTaskIdHasAtMost255Characters() {
        assertThat(TaskId.isValid("a".repeat(255))).isTrue();
        assertThat(TaskId.isValid("a".repeat(256))).isFalse();
    }

    @Test
    void anExecutionIdIsNotBlank() {
        assertThat(new ExecutionId("a:b:1")).hasToString("a:b:1");
        assertThatIllegalArgumentException().isThrownBy(() -> new ExecutionId(" "));
    }

    @Test
    void aDescriptorChecksItsNameAndSummary() {
        ConfigDef none = ConfigDef.of();
        HookTypeDescriptor descriptor = HookTypeDescriptor.of("RepoPoller", "Polls.", none);

        assertThat(descriptor.models()).isEmpty();
        assertThat(descriptor.servesModels("Git Repository Poller").models()).containsExactly("Git Repository Poller");
        assertThat(descriptor.servesModels("x").summary()).isEqualTo("Polls.");
        for (String bad : List.of("", "9a", "a:b", "a b", "a".repeat(64))) {
            assertThatIllegalArgumentException().isThrownBy(() -> HookTypeDescriptor.of(bad, "Polls.", none));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> HookTypeDescriptor.of("A", " ", none));
    }

    @Test
    void theOptionsOfASinkBeginWithItsPrefix() {
        ConfigOption<String> good = ConfigOption.string("sink.url", "The address.");
        ConfigOption<String> bad = ConfigOption.string("url", "The address.");

        assertThat(SinkDescriptor.of("http", "Posts.", ConfigDef.of(good)).name())
                .isEqualTo("http");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SinkDescriptor.of("http", "Posts.", ConfigDef.of(bad)))
                .withMessageContaining("option 'url' of sink 'http'");
        assertThatIllegalArgumentException().isThrownBy(() -> SinkDescriptor.of("Http", "Posts.", ConfigDef.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> SinkDescriptor.of("http", " ", ConfigDef.of()));
    }

    @Test
    void aReplyHasAStatusThatASenderUnderstands() {
        Receipt receipt = new Receipt(new ExecutionId("a"), true);

        assertThat(HttpReply.accepted(receipt).receipt()).contains(receipt);
        assertThat(HttpReply.accepted(receipt).status()).isEqualTo(200);
        assertThat(HttpReply.of(401, "no").receipt()).isEmpty();
        assertThat(HttpReply.of(401, "no").contentType()).startsWith("text/plain");
        assertThat(HttpReply.of(200, "application/json", "{}").contentType()).isEqualTo("application/json");
        assertThatIllegalArgumentException().isThrownBy(() -> HttpReply.of(199, ""));
        assertThatIllegalArgumentException().isThrownBy(() -> HttpReply.of(600, ""));
    }

    // ------------------------------------------------------------------------------- host services

    @Test
    void anAnswerDoesNotChangeWithItsLists() {
        List<VcsEvents.Change> pushes = new ArrayList<>();
        VcsEvents.Answer answer =
                new VcsEvents.Answer(pushes, List.of(), List.of(), List.of(), Optional.of(Duration.ofMinutes(1)));
        pushes.add(new VcsEvents.Change(
                "o/r", "master", new VcsEvents.Commit("h1", new VcsEvents.Author("n", "d", "e"), "m", "u")));

        assertThat(answer.pushes()).isEmpty();
    }
}
