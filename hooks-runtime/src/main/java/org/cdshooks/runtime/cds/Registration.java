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

/** Registers this service with the CDS API (PROTOCOL 3.1). Doing so again is the heartbeat. */
final class Registration {
    static final String PATH = "/services/register";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final CdsApi api;
    private final CdsSettings settings;
    private final Supplier<byte[]> status;

    /**
     * Makes a registration.
     *
     * @param status makes the document of {@code /mon/status}
     */
    Registration(CdsApi api, CdsSettings settings, Supplier<byte[]> status) {
        this.api = api;
        this.settings = settings;
        this.status = status;
    }

    /**
     * What the API says of this service.
     *
     * @param hash the service hash
     * @param upToDate whether the API has the same version
     */
    record Registered(String hash, boolean upToDate) {}

    /**
     * Registers.
     *
     * @throws ApiException if the API does not take it
     */
    Registered register() throws ApiException, InterruptedException {
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
            json.writeStringField("version", settings.version());
            json.writeBooleanField("up_to_date", false);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not of memory
        }
        return out.toByteArray();
    }
}
