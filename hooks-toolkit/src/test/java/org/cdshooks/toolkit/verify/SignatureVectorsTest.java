package org.cdshooks.toolkit.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What senders have signed, with answers that are known: those of their own documentation and those of their traps. */
class SignatureVectorsTest {
    private static final Instant ANY_TIME = Instant.parse("2026-01-31T12:00:00Z");

    static Stream<String> names() throws IOException {
        return vectors().map(vector -> vector.get("name").textValue());
    }

    private static Stream<JsonNode> vectors() throws IOException {
        try (InputStream file = SignatureVectorsTest.class.getResourceAsStream("signature-vectors.json")) {
            JsonNode all = new ObjectMapper().readTree(file);
            return StreamSupport.stream(all.spliterator(), false);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void theKnownAnswerIsGiven(String name) throws IOException {
        JsonNode vector = vectors()
                .filter(each -> each.get("name").textValue().equals(name))
                .findFirst()
                .orElseThrow();

        for (Provider provider : providers(vector.get("provider").textValue())) {
            assertThat(verify(provider, vector).passed())
                    .as("%s by %s", name, provider.label())
                    .isEqualTo(vector.get("valid").booleanValue());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void noneIsRightWithAnotherBodyOrSecret(String name) throws IOException {
        JsonNode vector = vectors()
                .filter(each -> each.get("name").textValue().equals(name))
                .findFirst()
                .orElseThrow();

        for (Provider provider : providers(vector.get("provider").textValue())) {
            assertThat(verify(provider, vector, vector.get("secret").textValue() + "QUFB", "")
                            .passed())
                    .isFalse();
            if (provider.signatures().isPresent()) {
                assertThat(verify(provider, vector, vector.get("secret").textValue(), " ")
                                .passed())
                        .isFalse();
            }
        }
    }

    @Test
    void thereAreVectors() throws IOException {
        assertThat(names()).hasSizeGreaterThanOrEqualTo(15);
    }

    private static List<Provider> providers(String name) {
        return name.equals("bitbucket")
                ? List.of(Provider.BITBUCKET_CLOUD, Provider.BITBUCKET_SERVER)
                : List.of(Provider.named(name).orElseThrow());
    }

    private static Verification verify(Provider provider, JsonNode vector) {
        return verify(provider, vector, vector.get("secret").textValue(), "");
    }

    private static Verification verify(Provider provider, JsonNode vector, String secret, String more) {
        Map<String, List<String>> headers = new HashMap<>();
        vector.get("headers")
                .properties()
                .forEach(header -> headers.put(
                        header.getKey().toLowerCase(Locale.ROOT),
                        List.of(header.getValue().textValue())));
        if (vector.has("contentType")) {
            headers.put("content-type", List.of(vector.get("contentType").textValue()));
        }
        Instant now =
                vector.has("now") ? Instant.ofEpochSecond(vector.get("now").longValue()) : ANY_TIME;
        return provider.verifier(List.of(Credential.of(secret)), Optional.empty())
                .verify(new Request(headers, (vector.get("body").textValue() + more).getBytes(UTF_8)), now);
    }
}
