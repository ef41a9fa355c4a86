package org.cdshooks.plugin.repowebhook;

import java.util.Map;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HttpCall;
import org.cdshooks.testkit.HookTypeContract;
import org.cdshooks.testkit.TestCall;

class RepoWebhookContractTest extends HookTypeContract {

    @Override
    protected HookType type() {
        return new RepoWebhookType();
    }

    @Override
    protected Map<String, String> validOptions() {
        return Map.of("method", "POST", "maxBody", "65536");
    }

    @Override
    protected HttpCall provokeRequest() {
        return TestCall.of("POST", "")
                .header("X-GitHub-Event", "push")
                .header("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
                .body("{\"ref\":\"refs/heads/main\",\"after\":\"a1\",\"repository\":{\"full_name\":\"o/r\"}}");
    }
}
