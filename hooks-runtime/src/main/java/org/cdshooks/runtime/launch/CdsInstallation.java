package org.cdshooks.runtime.launch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.api.config.Secret;
import org.cdshooks.runtime.cds.ApiException;
import org.cdshooks.runtime.cds.CdsService;
import org.cdshooks.runtime.cds.CdsSettings;
import org.cdshooks.runtime.cds.SyncReport;
import org.cdshooks.runtime.http.HttpExtension;

/** What {@code cds.api.url} changes: how settings become those of a member of a CDS installation. */
final class CdsInstallation {
    private static final ObjectMapper JSON = new ObjectMapper();

    private CdsInstallation() {}

    /**
     * Reads what is said of the installation; empty if this service belongs to none.
     *
     * @param port the port that is listened on
     * @throws InvalidConfigException if it is not said whole
     */
    static Optional<CdsSettings> of(Settings settings, int port) {
        return settings.find(Settings.CDS_API_URL)
                .map(url -> new CdsSettings(
                        URI.create(url.replaceAll("/+$", "")),
                        token(settings),
                        settings.get(Settings.CDS_API_INSECURE),
                        settings.get(Settings.CDS_API_TIMEOUT),
                        settings.get(Settings.CDS_NAME),
                        settings.find(Settings.CDS_URL)
                                .map(own -> URI.create(own.replaceAll("/+$", "")))
                                .orElseGet(() -> settings.urlPublic(port)),
                        settings.get(Settings.CDS_HEARTBEAT),
                        settings.get(Settings.CDS_MAX_FAILURES),
                        settings.get(Settings.CDS_SYNC_EVERY),
                        settings.get(Settings.CDS_SYNC_MAX_DELETE),
                        Version.current(),
                        shown(settings, port)));
    }

    private static Secret token(Settings settings) {
        Optional<Secret> token = settings.find(Settings.CDS_API_TOKEN);
        Optional<String> file = settings.find(Settings.CDS_API_TOKEN_FILE);
        if (token.isPresent() == file.isPresent()) {
            throw problem(
                    Settings.CDS_API_TOKEN,
                    token.isPresent()
                            ? "and cds.api.tokenFile both say the token; one of them must go"
                            : "is missing: with cds.api.url, a token of the group shared.infra is needed to register");
        }
        if (token.isPresent()) {
            return token.get();
        }
        Path path = Path.of(file.orElseThrow());
        try {
            return Secret.of(Files.readString(path).strip());
        } catch (IOException e) {
            throw problem(Settings.CDS_API_TOKEN_FILE, "'" + path + "' can't be read: " + e.getMessage());
        }
    }

    private static InvalidConfigException problem(SettingKey<?> key, String words) {
        return new InvalidConfigException(List.of(new ConfigProblem(key.name(), words)));
    }

    /** The configuration as the API shows it to its administrators, in the form that the original has. */
    private static JsonNode shown(Settings settings, int port) {
        ObjectNode config = JSON.createObjectNode();
        config.put("name", settings.get(Settings.CDS_NAME));
        config.putObject("http").put("addr", settings.get(Settings.HTTP_HOST)).put("port", port);
        config.put("url", settings.find(Settings.CDS_URL).orElse(""));
        config.put("urlPublic", settings.urlPublic(port).toString());
        config.put("retryDelay", settings.get(Settings.RETRY_DELAY));
        config.put("retryError", settings.get(Settings.RETRY_ERROR));
        config.put("executionHistory", settings.get(Settings.EXECUTION_HISTORY));
        config.put("disable", false);
        ObjectNode api = config.putObject("api");
        api.putObject("http")
                .put("url", settings.find(Settings.CDS_API_URL).orElse(""))
                .put("insecure", settings.get(Settings.CDS_API_INSECURE));
        api.put("maxHeartbeatFailures", settings.get(Settings.CDS_MAX_FAILURES));
        config.put("store", settings.get(Settings.STORE_TYPE));
        return config;
    }

    /** What tasks have that say nothing else: they start workflows, and numbers are written as the original writes them. */
    static Map<String, String> defaults(Settings settings) {
        Map<String, String> defaults = new HashMap<>(settings.defaults());
        if (settings.find(Settings.CDS_API_URL).isPresent()) {
            defaults.putIfAbsent("sink", "cds");
            defaults.putIfAbsent("numbers", "go");
        }
        return defaults;
    }

    /** {@code POST /admin/sync[?force=true]}: compares the tasks with the hooks of the API now. */
    static HttpExtension syncRoute(CdsService cds) {
        Handler handler = (request, response) -> {
            if (!request.prologue().method().equals(Method.POST)) {
                response.header(HeaderNames.ALLOW, "POST");
                answer(
                        response,
                        Status.METHOD_NOT_ALLOWED_405,
                        JSON.createObjectNode().put("message", "POST it"));
                return;
            }
            synchronise(cds, request, response);
        };
        return new HttpExtension("/admin/sync", true, handler);
    }

    private static void synchronise(CdsService cds, ServerRequest request, ServerResponse response)
            throws InterruptedException {
        String force = request.query().first("force").orElse("false");
        if (!force.equals("true") && !force.equals("false")) {
            answer(
                    response,
                    Status.BAD_REQUEST_400,
                    JSON.createObjectNode().put("message", "force: '" + force + "' is neither 'true' nor 'false'"));
            return;
        }
        try {
            SyncReport report = cds.synchronise(force.equals("true"));
            ObjectNode json = JSON.createObjectNode();
            json.put("listed", report.listed());
            json.put("saved", report.saved());
            json.put("unchanged", report.unchanged());
            json.put("removed", report.removed());
            json.put("held_back", report.heldBack());
            json.put("refused", report.refusedInAll());
            report.refused().forEach(json.putArray("reasons")::add);
            answer(response, Status.OK_200, json);
        } catch (ApiException e) {
            response.header(
                    HeaderNames.RETRY_AFTER,
                    Long.toString(Duration.ofSeconds(30).toSeconds()));
            answer(
                    response,
                    Status.SERVICE_UNAVAILABLE_503,
                    JSON.createObjectNode().put("message", String.valueOf(e.getMessage())));
        }
    }

    private static void answer(ServerResponse response, Status status, JsonNode json) {
        try {
            response.status(status);
            response.header(HeaderNames.CONTENT_TYPE, "application/json");
            response.send(JSON.writeValueAsBytes(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
