package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.cdshooks.api.Payload;
import org.junit.jupiter.api.Test;

final class CredentialHeadersTest {
    @Test
    void namesThatCarryCredentialsAreKnownInAnyCase() {
        assertThat(List.of(
                        "authorization",
                        "Proxy-Authorization",
                        "COOKIE",
                        "set-cookie",
                        "X_AUTH_HEADER",
                        "x-gitlab-token",
                        "client-secret",
                        "X-Password",
                        "x-api-key",
                        "X-ApiKey"))
                .allMatch(CredentialHeaders::isCredential);
        assertThat(List.of("content-type", "x-hub-signature-256", "x-github-delivery", "host", ":query", "author"))
                .noneMatch(CredentialHeaders::isCredential);
    }

    @Test
    void everyValueIsBlankedAndTheRestIsAsItWas() {
        Payload payload = Payload.of("text/plain", new byte[] {1, 2})
                .withAttributes(Map.of("authorization", List.of("Basic a", "Basic b"), "x-event", List.of("push")));

        Payload blanked = CredentialHeaders.blanked(payload);

        assertThat(blanked.attributes())
                .containsEntry("authorization", List.of("**********", "**********"))
                .containsEntry("x-event", List.of("push"));
        assertThat(blanked.body()).containsExactly(1, 2);
        assertThat(blanked.contentType()).isEqualTo("text/plain");
    }
}
