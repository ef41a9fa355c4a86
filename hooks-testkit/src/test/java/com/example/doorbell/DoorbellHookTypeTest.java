package com.example.doorbell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.cdshooks.api.HookEvent;
import org.cdshooks.testkit.HookHarness;
import org.cdshooks.testkit.RecordedExecution;
import org.junit.jupiter.api.Test;

class DoorbellHookTypeTest {
    private static final Map<String, String> OPTIONS = Map.of("door", "front", "key", "brass-key");

    // @start region="harness"
    @Test
    void aRingBecomesAnEvent() throws Exception {
        try (HookHarness hook = HookHarness.of(new DoorbellHookType()).create(OPTIONS)) {
            assertThat(hook.call("POST", "", Map.of("X-Bell-Key", "brass-key"), "Ada")
                            .status())
                    .isEqualTo(200);
            assertThat(hook.events()).isEmpty(); // stored, and not interpreted yet

            hook.runPending();

            assertThat(hook.events())
                    .containsExactly(HookEvent.of(Map.of("doorbell.door", "front", "doorbell.visitor", "Ada")));
        }
    }
    // @end region="harness"

    @Test
    void aStrangerIsRefusedAndNothingIsStored() throws Exception {
        try (HookHarness hook = HookHarness.of(new DoorbellHookType()).create(OPTIONS)) {
            assertThat(hook.call("POST", "", Map.of("X-Bell-Key", "tin-key"), "Eve")
                            .status())
                    .isEqualTo(401);
            assertThat(hook.executions()).isEmpty();
        }
    }

    @Test
    void oneRingDeliveredTwiceFiresOnce() throws Exception {
        try (HookHarness hook = HookHarness.of(new DoorbellHookType()).create(OPTIONS)) {
            Map<String, String> headers = Map.of("X-Bell-Key", "brass-key", "X-Ring-Id", "7");
            hook.call("POST", "", headers, "Ada");
            hook.call("POST", "", headers, "Ada");
            hook.runPending();

            assertThat(hook.events()).hasSize(1);
        }
    }

    @Test
    void aRingOfNobodyIsRejectedAndNotRetried() throws Exception {
        try (HookHarness hook = HookHarness.of(new DoorbellHookType()).create(OPTIONS)) {
            hook.call("POST", "", Map.of("X-Bell-Key", "brass-key"), "");
            hook.runPending();

            assertThat(hook.executions())
                    .extracting(RecordedExecution::state)
                    .containsExactly(RecordedExecution.State.REJECTED);
        }
    }
}
