package org.cdshooks.runtime.cds;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers this service with the CDS API (PROTOCOL 3.1). Doing so again is the heartbeat. */
final class Registration {
    static final String PATH = "/services/register";

    private static final String VERSION_PATH = "/mon/version";
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CdsApi api;
    private final CdsSettings settings;
    private final Supplier<byte[]> status;
    private volatile String version;

    /**
     * Makes a registration.
     *
     * @param status makes the document of {@code /mon/status}
     */
    Registration(CdsApi api, CdsSettings settings, Supplier<byte[]> status) {
        this.api = api;
        this.settings = settings;
        this.status = status;
        this.version = settings.version();
    }

    /**
     * Returns the version that this service calls itself towards the API. All services of an installation should have one
     * version: the API warns of any other, however well both speak to each other.
     */
    String version() {
        return version;
    }

    /**
     * What the API says of this service.
     *
     * @param hash the service hash
     * @param upToDate whether the API has the same version
     */
    record Registered(String hash, boolean upToDate) {}

    /**
     * Registers. If the API has another version, this service takes that one and registers again.
     *
     * @throws ApiException if the API does not take it
     */
    Registered register() throws ApiException, InterruptedException {
        Registered registered = send();
        if (registered.upToDate()) {
            return registered;
        }
        Optional<String> other = versionOfApi().filter(known -> !known.equals(version));
        if (other.isEmpty()) {
            return registered;
        }
        version = other.get();
        LOG.info("the CDS API has version {}: this service, {}, registers with it", version, settings.version());
        return send();
    }

    /** Asks the API; an API that does not tell is as good as any. */
    private Optional<String> versionOfApi() throws InterruptedException {
        try {
            return api.call(
                    "GET",
                    VERSION_PATH,
                    null,
                    new String[0],
                    (body, headers) -> Optional.ofNullable(JSON.readTree(body))
                            .map(answer -> answer.path("version").asText(""))
                            .filter(text -> !text.isEmpty()));
        } catch (ApiException e) {
            LOG.debug("the CDS API does not tell its version: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private Registered send() throws ApiException, InterruptedException {
        JsonNode answer = api.call("POST", PATH, document(), new String[0], (body, headers) -> {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                return MissingNode.getInstance();
            }
        });
        String hash = answer.path("hash").asText("");
        if (hash.isEmpty()) {
            throw new ApiException.Refused(
                    200,
                    OptionalInt.empty(),
                    Optional.empty(),
                    "the answer of " + settings.api() + " to POST " + PATH + " has no hash");
        }
        return new Registered(hash, answer.path("up_to_date").asBoolean());
    }

    private byte[] document() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(2048);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeNumberField("id", 0);
            json.writeStringField("name", settings.name());
            json.writeStringField("type", "hooks");
            json.writeStringField("http_url", settings.callback().toString());
            json.writeStringField("last_heartbeat", "0001-01-01T00:00:00Z");
            json.writeStringField("hash", "");
            json.writeStringField("token", settings.token().reveal());
            json.writeNullField("group_id");
            json.writeNullField("group");
            json.writeFieldName("monitoring_status");
            json.writeRawValue(new String(status.get(), UTF_8));
            json.writeFieldName("config");
            json.writeTree(settings.config());
            json.writeBooleanField("is_shared_infra", false);
            json.writeStringField("version", version);
            json.writeBooleanField("up_to_date", false);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not of memory
        }
        return out.toByteArray();
    }
}
