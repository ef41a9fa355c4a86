package org.cdshooks.plugin.gitpoller;

import java.util.Map;
import org.cdshooks.api.HookType;
import org.cdshooks.testkit.HookTypeContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract once more, with a task that asks a server itself. */
class RepoPollerContractOfServersTest extends HookTypeContract {
    private FakeApi api;

    @BeforeEach
    void startServer() throws Exception {
        api = new FakeApi();
        api.json("/api/v3/repos/o/r/branches?per_page=100", "[{\"name\":\"main\",\"commit\":{\"sha\":\"a1\"}}]");
        api.json("/api/v3/repos/o/r/tags?per_page=100", "[]");
    }

    @AfterEach
    void stopServer() {
        api.close();
    }

    @Override
    protected HookType type() {
        return new RepoPollerType();
    }

    @Override
    protected Map<String, String> validOptions() {
        String url = api == null ? "http://127.0.0.1:1" : api.url();
        return Map.of("provider", "github", "url", url, "repository", "o/r", "token", "ghp_verysecret");
    }

    @Override
    protected boolean ignoresThread(String name) {
        return name.startsWith("HTTP-Dispatcher") || name.startsWith("fake-api");
    }
}
