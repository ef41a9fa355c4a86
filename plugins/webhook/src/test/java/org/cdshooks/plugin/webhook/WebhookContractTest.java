package org.cdshooks.plugin.webhook;

import java.util.Map;
import org.cdshooks.api.HookType;
import org.cdshooks.testkit.HookTypeContract;

class WebhookContractTest extends HookTypeContract {

    @Override
    protected HookType type() {
        return new WebhookType();
    }

    @Override
    protected Map<String, String> validOptions() {
        return Map.of("method", "PUT", "numbers", "go", "maxBody", "65536", "dedupHeader", "X-Delivery");
    }
}
