package org.cdshooks.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.cdshooks.api.HookType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs the contract against types that keep it and against one for each rule that breaks it. */
class HookTypeContractTest {
    private static final int RULES = 17;

    /** Enough on a busy machine, and never waited for to the end, save where a rule is broken by not coming back. */
    private static final Duration LONG = Duration.ofSeconds(10);

    /** The contract for the type that a test chose. */
    static class AnyContract extends HookTypeContract {
        static Supplier<HookType> chosen = SampleType.ByApi::new;
        static Duration grace = LONG;

        private final FakeBroker broker = new FakeBroker();

        @Override
        protected HookType type() {
            return chosen.get();
        }

        @Override
        protected Map<String, String> validOptions() {
            return Map.of("topic", "t", "key", "hidden-hidden");
        }

        @Override
        protected Map<Class<?>, Object> services() {
            return Map.of(FakeBroker.class, broker);
        }

        @Override
        protected boolean provokeListener() {
            broker.send("{\"said\": true}");
            return true;
        }

        @Override
        protected OptionalLong acknowledged() {
            return OptionalLong.of(broker.acknowledged());
        }

        @Override
        protected Duration grace() {
            return grace;
        }
    }

    /** The same without the help that listeners need. */
    static final class SilentContract extends AnyContract {
        @Override
        protected boolean provokeListener() {
            return false;
        }

        @Override
        protected OptionalLong acknowledged() {
            return OptionalLong.empty();
        }
    }

    /** The same with a request that no receiver of a sample takes. */
    static final class RefusedContract extends AnyContract {
        @Override
        protected TestCall provokeRequest() {
            return TestCall.of("GET", "");
        }
    }

    static Stream<Arguments> goodTypes() {
        return Stream.of(
                Arguments.of(
                        (Supplier<HookType>) SampleType.ByHttp::new, List.of("3_1", "3_2", "3_3", "6_1", "6_2", "6_3")),
                Arguments.of((Supplier<HookType>) SampleType.ByTimer::new, List.of("3_1", "3_2", "3_3")),
                Arguments.of((Supplier<HookType>) SampleType.ByListener::new, List.of("6_1", "6_2", "6_3")),
                Arguments.of(
                        (Supplier<HookType>) SampleType.ByApi::new, List.of("3_1", "3_2", "3_3", "6_1", "6_2", "6_3")));
    }

    @ParameterizedTest
    @MethodSource("goodTypes")
    void aGoodTypePassesAndSkipsWhatDoesNotApply(Supplier<HookType> type, List<String> skipped) {
        EngineExecutionResults results = run(AnyContract.class, type);

        assertThat(failures(results)).isEmpty();
        assertThat(aborted(results)).isEqualTo(skipped);
        assertThat(results.testEvents().succeeded().count()).isEqualTo(RULES - skipped.size());
    }

    static Stream<Arguments> brokenTypes() {
        return Stream.of(
                broken(BrokenTypes.WorksInConstructor::new, "1_1", "threads that the no-argument constructor started"),
                broken(BrokenTypes.ChangesDescriptor::new, "1_2", "two calls of descriptor() differ"),
                broken(BrokenTypes.DescribesNothing::new, "1_2", "option 'topic' is described by 'topic' only"),
                broken(BrokenTypes.IsNotFound::new, "1_2", "META-INF/services/org.cdshooks.api.HookType"),
                broken(BrokenTypes.ShowsSecretInToString::new, "1_3", "toString of the hook"),
                broken(BrokenTypes.ShowsSecretInEvent::new, "1_3", "the secret option 'key'"),
                broken(BrokenTypes.ShowsSecretInAnswer::new, "1_3", "the answer to a request"),
                broken(BrokenTypes.SharesHook::new, "2_1", "the same hook twice"),
                broken(BrokenTypes.StopsTheOthers::new, "2_1", "once another one was stopped"),
                broken(BrokenTypes.StartsThreadInCreate::new, "2_2", "[leaked]"),
                broken(BrokenTypes.StartsVirtualThreadInCreate::new, "2_2", "[leaked]"),
                broken(BrokenTypes.ConnectsInCreate::new, "2_2", "socket:"),
                broken(BrokenTypes.RepeatsTriggerName::new, "2_3", "same name: [timer, timer]"),
                broken(BrokenTypes.ChangesTriggers::new, "2_3", "differ"),
                deaf(BrokenTypes.IgnoresInterruptInListener::new, "3_1", "did not come back within PT0.4S"),
                deaf(BrokenTypes.SwallowsOwnershipLost::new, "3_2", "did not end within PT0.4S"),
                broken(BrokenTypes.WrapsOwnershipLost::new, "3_2", "instead of OwnershipLostException"),
                broken(BrokenTypes.AcknowledgesFirst::new, "3_3", "what was not stored yet"),
                broken(BrokenTypes.AcknowledgesWhatWasRefused::new, "3_3", "what was refused"),
                broken(BrokenTypes.CountsAttempts::new, "4_1", "the second attempt differs"),
                broken(BrokenTypes.ThrowsOnForeignPayload::new, "4_2", "return rejected(reason)"),
                deaf(BrokenTypes.IgnoresInterruptInExecute::new, "4_3", "did not come back within PT0.4S"),
                deaf(BrokenTypes.LeaksThread::new, "5_1", "[leaked]"),
                broken(BrokenTypes.CannotStopTwice::new, "5_1", "when called again"),
                broken(BrokenTypes.HasMoods::new, "6_1", "asked again"),
                broken(BrokenTypes.StandsStill::new, "6_2", "due after"),
                broken(BrokenTypes.GoesBack::new, "6_3", "but after"));
    }

    private static Arguments broken(Supplier<HookType> type, String rule, String words) {
        return Arguments.of(type, rule, words, LONG);
    }

    private static Arguments deaf(Supplier<HookType> type, String rule, String words) {
        return Arguments.of(type, rule, words, BrokenTypes.GRACE);
    }

    @ParameterizedTest
    @MethodSource("brokenTypes")
    void aBrokenTypeFailsTheRuleThatItBreaksAndNoOther(
            Supplier<HookType> type, String rule, String words, Duration grace) {
        EngineExecutionResults results = run(AnyContract.class, type, grace);

        assertThat(failures(results))
                .as("failures of " + type.get())
                .hasSize(1)
                .allSatisfy(failure -> assertThat(failure).startsWith(rule).contains(words));
    }

    @Test
    void withoutHelpTheRulesOfListenersAreSkippedWithTheMethodToOverride() {
        EngineExecutionResults results = run(SilentContract.class, SampleType.ByListener::new);

        assertThat(failures(results)).isEmpty();
        assertThat(aborted(results)).containsExactly("3_2", "3_3", "4_1", "4_3", "6_1", "6_2", "6_3");
        assertThat(results.testEvents().aborted().list().stream().map(HookTypeContractTest::message))
                .anySatisfy(message -> assertThat(message).contains("override provokeListener"))
                .anySatisfy(message -> assertThat(message).contains("override acknowledged"));
    }

    @Test
    void aRequestThatIsRefusedIsAFailureThatNamesTheMethodToOverride() {
        EngineExecutionResults results = run(RefusedContract.class, SampleType.ByHttp::new);

        assertThat(failures(results))
                .isNotEmpty()
                .allSatisfy(failure ->
                        assertThat(failure).contains("provokeRequest").contains("405"));
    }

    private static EngineExecutionResults run(Class<? extends HookTypeContract> contract, Supplier<HookType> type) {
        return run(contract, type, LONG);
    }

    private static EngineExecutionResults run(
            Class<? extends HookTypeContract> contract, Supplier<HookType> type, Duration grace) {
        AnyContract.chosen = type;
        AnyContract.grace = grace;
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(contract))
                .execute();
    }

    /** Each as the number of the rule and the message. */
    private static List<String> failures(EngineExecutionResults results) {
        return results.testEvents().failed().list().stream()
                .map(event -> rule(event) + ": " + message(event))
                .sorted()
                .toList();
    }

    private static List<String> aborted(EngineExecutionResults results) {
        return results.testEvents().aborted().list().stream()
                .map(HookTypeContractTest::rule)
                .sorted()
                .toList();
    }

    private static String rule(Event event) {
        return event.getTestDescriptor().getDisplayName().substring("rule_".length(), "rule_1_1".length());
    }

    private static String message(Event event) {
        return event.getPayload(TestExecutionResult.class)
                .flatMap(TestExecutionResult::getThrowable)
                .map(String::valueOf)
                .orElse("");
    }
}
