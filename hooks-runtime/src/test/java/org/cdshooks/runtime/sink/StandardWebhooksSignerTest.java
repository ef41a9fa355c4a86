package org.cdshooks.runtime.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.InputStream;
import java.util.Base64;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.cdshooks.api.config.Secret;
import org.junit.jupiter.api.Test;

class StandardWebhooksSignerTest {
    @Test
    void signsTheVectorsOfTheSpecification() throws Exception {
        int seen = 0;
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("signature-vectors.json"))) {
            for (JsonNode vector : new JsonMapper().readTree(in)) {
                if (vector.get("provider").textValue().equals("standard-webhooks")) {
                    JsonNode headers = vector.get("headers");
                    String signature = StandardWebhooksSigner.of(
                                    Secret.of(vector.get("secret").textValue()))
                            .sign(
                                    headers.get("webhook-id").textValue(),
                                    Long.parseLong(
                                            headers.get("webhook-timestamp").textValue()),
                                    vector.get("body").textValue().getBytes(UTF_8));
                    assertThat(signature)
                            .isEqualTo(headers.get("webhook-signature").textValue());
                    seen++;
                }
            }
        }
        assertThat(seen).isGreaterThanOrEqualTo(1);
    }

    @Test
    void takesAPlainTextAsItStands() throws Exception {
        String secret = "a plain text of 24 bytes";
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal("id.5.{}".getBytes(UTF_8)));
        assertThat(StandardWebhooksSigner.of(Secret.of(secret)).sign("id", 5, "{}".getBytes(UTF_8)))
                .isEqualTo(expected);
    }
}
