package com.example.doorbell;

import java.util.Map;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HttpCall;
import org.cdshooks.testkit.HookTypeContract;
import org.cdshooks.testkit.TestCall;

// @start region="contract"
class DoorbellContractTest extends HookTypeContract {
    @Override
    protected HookType type() {
        return new DoorbellHookType();
    }

    @Override
    protected Map<String, String> validOptions() {
        return Map.of("door", "front", "key", "brass-key");
    }

    @Override
    protected HttpCall provokeRequest() {
        return TestCall.of("POST", "").header("X-Bell-Key", "brass-key").body("Ada");
    }
}
// @end region="contract"
