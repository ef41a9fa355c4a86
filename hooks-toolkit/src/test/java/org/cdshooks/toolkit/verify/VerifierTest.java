package org.cdshooks.toolkit.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cdshooks.toolkit.verify.Signed.BODY;
import static org.cdshooks.toolkit.verify.Signed.OLD;
import static org.cdshooks.toolkit.verify.Signed.SECRET;
import static org.cdshooks.toolkit.verify.Signed.github;
import static org.cdshooks.toolkit.verify.Signed.hex;
import static org.cdshooks.toolkit.verify.Signed.request;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.cdshooks.toolkit.verify.Verification.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifierTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private static final String SECONDS = "1700000000";

    private static Verifier of(Provider provider, String... secrets) {
        return provider.verifier(Arrays.stream(secrets).map(Credential::of).toList(), Optional.empty());
    }

    private static byte[] joined(String before, byte[] body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(before.getBytes(UTF_8));
        all.writeBytes(body);
        return all.toByteArray();
    }

    private static Reason reason(Verification verification) {
        assertThat(verification).isInstanceOf(Verification.Refused.class);
        return ((Verification.Refused) verification).reason();
    }

    // ------------------------------------------------------------------------------------------------ what all do

    @ParameterizedTest
    @EnumSource(Provider.class)
    void aRequestWithoutAnythingIsRefused(Provider provider) {
        assertThat(reason(of(provider, SECRET).verify(request(BODY), NOW))).isEqualTo(Reason.MISSING);
    }

    @ParameterizedTest
    @EnumSource(Provider.class)
    void anEmptyHeaderProvesNothing(Provider provider) {
        String header = provider.signatures()
                .map(scheme -> scheme.headers().getFirst().signature())
                .orElseGet(() -> provider.token().orElseThrow().header());

        assertThat(reason(of(provider, SECRET).verify(request(BODY, header, ""), NOW)))
                .isEqualTo(Reason.MISSING);
        assertThat(reason(of(provider, SECRET).verify(request(BODY, header, "  "), NOW)))
                .isEqualTo(Reason.MISSING);
    }

    @ParameterizedTest
    @EnumSource(Provider.class)
    void aVerifierWithoutSecretsCanNotBeMade(Provider provider) {
        assertThatThrownBy(() -> provider.verifier(List.of(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Credential.of("")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(Provider.class)
    void aProviderIsFoundByTheNameThatUsersWrite(Provider provider) {
        assertThat(Provider.named(provider.label())).contains(provider);
    }

    @Test
    void aHeaderThatComesTwiceIsRefusedThoughOneOfItsValuesIsRight() {
        String right = "sha256=" + hex(SECRET, BODY);

        assertThat(reason(of(Provider.GITHUB, SECRET)
                        .verify(request(BODY, "X-Hub-Signature-256", right, "X-Hub-Signature-256", right), NOW)))
                .isEqualTo(Reason.MALFORMED);
    }

    @Test
    void anOddOrForeignEncodingIsRefused() {
        for (String signature : List.of("sha256=abc", "sha256=zz", "sha256=", "sha256=" + "ab".repeat(500_000), "ab")) {
            assertThat(reason(of(Provider.GITHUB, SECRET).verify(request(BODY, "X-Hub-Signature-256", signature), NOW)))
                    .isEqualTo(Reason.MALFORMED);
        }
    }

    @Test
    void nothingOfASecretIsInAnyText() {
        Verifier verifier = of(Provider.GITHUB, SECRET);
        Verification refused = verifier.verify(github(OLD, BODY), NOW);

        assertThat(refused.toString()).doesNotContain(hex(SECRET, BODY)).doesNotContain(SECRET);
        assertThat(Credential.of(SECRET).until(NOW).toString()).doesNotContain(SECRET);
        assertThat(new KeyForm.Utf8().key(SECRET, Algorithm.HMAC_SHA256).toString())
                .doesNotContain(SECRET);
        assertThat(of(Provider.GITLAB, SECRET).toString()).doesNotContain(SECRET);
    }

    // ------------------------------------------------------------------------------------------------ rotation

    @Test
    void theOldSecretCountsUntilItsEnd() {
        Verifier verifier = Provider.GITHUB.verifier(
                List.of(Credential.of(SECRET), Credential.of(OLD).until(NOW)), Optional.empty());

        assertThat(verifier.verify(github(OLD, BODY), NOW.minusNanos(1)).passed())
                .isTrue();
        assertThat(verifier.verify(github(OLD, BODY), NOW).passed()).isFalse();
        assertThat(verifier.verify(github(SECRET, BODY), NOW.minusNanos(1)).passed())
                .isTrue();
        assertThat(verifier.verify(github(SECRET, BODY), NOW).passed()).isTrue();
    }

    @Test
    void whenAllSecretsHaveEndedNothingPasses() {
        Verifier verifier = Provider.GITHUB.verifier(List.of(Credential.of(OLD).until(NOW)), Optional.empty());

        assertThat(verifier.verify(github(OLD, BODY), NOW).passed()).isFalse();
    }

    // ------------------------------------------------------------------------------------------------ times

    private static Request stripe(String time) {
        return request(BODY, "Stripe-Signature", "t=" + time + ",v1=" + hex(SECRET, joined(time + ".", BODY)));
    }

    private static Request slack(String time) {
        return request(
                BODY,
                "X-Slack-Request-Timestamp",
                time,
                "X-Slack-Signature",
                "v0=" + hex(SECRET, joined("v0:" + time + ":", BODY)));
    }

    @Test
    void aTimeIsRightWithinTheToleranceAndStaleBeyondIt() {
        for (Request request : List.of(stripe(SECONDS), slack(SECONDS))) {
            Verifier verifier = request.headers().containsKey("stripe-signature")
                    ? of(Provider.STRIPE, SECRET)
                    : of(Provider.SLACK, SECRET);
            assertThat(verifier.verify(request, NOW.plusSeconds(300)).passed()).isTrue();
            assertThat(verifier.verify(request, NOW.minusSeconds(300)).passed()).isTrue();
            assertThat(reason(verifier.verify(request, NOW.plusSeconds(301)))).isEqualTo(Reason.STALE);
            assertThat(reason(verifier.verify(request, NOW.minusSeconds(301)))).isEqualTo(Reason.STALE);
        }
    }

    @Test
    void theToleranceCanBeSet() {
        Verifier verifier =
                Provider.STRIPE.verifier(List.of(Credential.of(SECRET)), Optional.of(Duration.ofSeconds(10)));

        assertThat(verifier.verify(stripe(SECONDS), NOW.plusSeconds(10)).passed())
                .isTrue();
        assertThat(verifier.verify(stripe(SECONDS), NOW.plusSeconds(11)).passed())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1700000000", "+1700000000", "1700000000.0", "0x6553f100", "99999999999999999999", "now"})
    void whatIsNoTimeIsRefusedThoughItIsSigned(String time) {
        assertThat(reason(of(Provider.STRIPE, SECRET).verify(stripe(time), NOW)))
                .isEqualTo(Reason.MALFORMED);
        assertThat(reason(of(Provider.SLACK, SECRET).verify(slack(time), NOW))).isEqualTo(Reason.MALFORMED);
    }

    @Test
    void anotherTimeThanTheSignedOneIsWrong() {
        Request request = request(
                BODY,
                "X-Slack-Request-Timestamp",
                "1700000001",
                "X-Slack-Signature",
                "v0=" + hex(SECRET, joined("v0:" + SECONDS + ":", BODY)));

        assertThat(reason(of(Provider.SLACK, SECRET).verify(request, NOW))).isEqualTo(Reason.WRONG);
    }

    @Test
    void zendeskWritesItsTimeInWords() {
        String time = "2023-11-14T22:13:20Z";
        String signature = Base64.getEncoder()
                .encodeToString(Signed.hmac("HmacSHA256", SECRET.getBytes(UTF_8), joined(time, BODY)));
        Request request =
                request(BODY, "X-Zendesk-Webhook-Signature", signature, "X-Zendesk-Webhook-Signature-Timestamp", time);

        assertThat(of(Provider.ZENDESK, SECRET).verify(request, NOW).passed()).isTrue();
        assertThat(reason(of(Provider.ZENDESK, SECRET).verify(request, NOW.plusSeconds(301))))
                .isEqualTo(Reason.STALE);
    }

    // ------------------------------------------------------------------------------------------------ traps of
    // providers

    @Test
    void githubsSignatureBySha1IsNoWayInBesideAWrongOne() {
        String sha1 = java.util.HexFormat.of().formatHex(Signed.hmac("HmacSHA1", SECRET.getBytes(UTF_8), BODY));

        assertThat(of(Provider.GITHUB, SECRET)
                        .verify(request(BODY, "X-Hub-Signature-256", "sha1=" + sha1), NOW)
                        .passed())
                .isFalse();
        assertThat(of(Provider.BITBUCKET_CLOUD, SECRET)
                        .verify(request(BODY, "X-Hub-Signature", "sha1=" + sha1), NOW)
                        .passed())
                .isFalse();
    }

    @Test
    void giteaSignsThePayloadOfAFormAndGithubTheForm() {
        byte[] form = ("payload=" + URLEncoder.encode(new String(BODY, UTF_8), UTF_8)).getBytes(UTF_8);
        String type = "application/x-www-form-urlencoded; charset=utf-8";

        assertThat(of(Provider.GITEA, SECRET)
                        .verify(request(form, "X-Gitea-Signature", hex(SECRET, BODY), "Content-Type", type), NOW)
                        .passed())
                .isTrue();
        assertThat(of(Provider.GITEA, SECRET)
                        .verify(request(form, "X-Gitea-Signature", hex(SECRET, form), "Content-Type", type), NOW)
                        .passed())
                .isFalse();
        assertThat(of(Provider.GITHUB, SECRET).verify(github(SECRET, form), NOW).passed())
                .isTrue();
    }

    @Test
    void whatWouldNotBeSignedMayNotBeInGiteasForm() {
        String payload = URLEncoder.encode(new String(BODY, UTF_8), UTF_8);
        String signature = hex(SECRET, BODY);
        for (String form : List.of(
                "payload=" + payload + "&git.branch=evil",
                "git.branch=evil&payload=" + payload,
                "payload=" + payload + "&payload=evil",
                "payload=" + payload + "%2",
                "other=" + payload,
                "")) {
            assertThat(reason(of(Provider.GITEA, SECRET)
                            .verify(
                                    request(
                                            form.getBytes(UTF_8),
                                            "X-Gitea-Signature",
                                            signature,
                                            "Content-Type",
                                            "application/x-www-form-urlencoded"),
                                    NOW)))
                    .as(form)
                    .isEqualTo(Reason.MALFORMED);
        }
    }

    @Test
    void ofForgejosTwoHeadersOnlyItsOwnCounts() {
        String right = hex(SECRET, BODY);
        String wrong = hex(OLD, BODY);
        Verifier verifier = of(Provider.FORGEJO, SECRET);

        assertThat(verifier.verify(request(BODY, "X-Forgejo-Signature", right, "X-Gitea-Signature", wrong), NOW)
                        .passed())
                .isTrue();
        assertThat(verifier.verify(request(BODY, "X-Forgejo-Signature", wrong, "X-Gitea-Signature", right), NOW)
                        .passed())
                .isFalse();
        assertThat(verifier.verify(request(BODY, "X-Forgejo-Signature", "", "X-Gitea-Signature", right), NOW)
                        .passed())
                .isFalse();
        assertThat(verifier.verify(request(BODY, "X-Gitea-Signature", right), NOW)
                        .passed())
                .isTrue();
    }

    @Test
    void anySignatureOfStripesVersionIsEnoughAndNoOther() {
        String right = hex(SECRET, joined(SECONDS + ".", BODY));
        String wrong = hex(OLD, BODY);
        Verifier verifier = of(Provider.STRIPE, SECRET);

        assertThat(verifier.verify(
                                request(BODY, "Stripe-Signature", "t=" + SECONDS + ",v1=" + wrong + ",v1=" + right),
                                NOW)
                        .passed())
                .isTrue();
        assertThat(verifier.verify(
                                request(BODY, "Stripe-Signature", "t=" + SECONDS + ",v1=" + wrong + ",v0=" + right),
                                NOW)
                        .passed())
                .isFalse();
        assertThat(verifier.verify(request(BODY, "Stripe-Signature", "t=1,t=" + SECONDS + ",v1=" + right), NOW)
                        .passed())
                .isFalse();
        assertThat(reason(verifier.verify(request(BODY, "Stripe-Signature", "v1=" + right), NOW)))
                .isEqualTo(Reason.MISSING);
    }

    @Test
    void standardWebhooksAreTakenUnderTheNamesOfSvixToo() {
        String secret = "whsec_" + Base64.getEncoder().encodeToString(SECRET.getBytes(UTF_8));
        String signature = "v1,"
                + Base64.getEncoder()
                        .encodeToString(Signed.hmac(
                                "HmacSHA256", SECRET.getBytes(UTF_8), joined("msg_1." + SECONDS + ".", BODY)));
        Verifier verifier = of(Provider.STANDARD_WEBHOOKS, secret);

        assertThat(verifier.verify(
                                request(
                                        BODY,
                                        "svix-id",
                                        "msg_1",
                                        "svix-timestamp",
                                        SECONDS,
                                        "svix-signature",
                                        "v2,abc v1a,abc " + signature),
                                NOW)
                        .passed())
                .isTrue();
        assertThat(verifier.verify(
                                request(
                                        BODY,
                                        "svix-id",
                                        "msg_2",
                                        "svix-timestamp",
                                        SECONDS,
                                        "svix-signature",
                                        signature),
                                NOW)
                        .passed())
                .isFalse();
        assertThat(verifier.verify(
                                request(
                                        BODY,
                                        "webhook-id",
                                        "msg_1",
                                        "svix-timestamp",
                                        SECONDS,
                                        "svix-signature",
                                        signature),
                                NOW)
                        .passed())
                .as("headers of two families")
                .isFalse();
    }

    @Test
    void standardWebhooksMayBeSignedWithEd25519() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        String secret = "whpk_"
                + Base64.getEncoder().encodeToString(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(pair.getPrivate());
        signer.update(joined("msg_1." + SECONDS + ".", BODY));
        String signature = Base64.getEncoder().encodeToString(signer.sign());
        Verifier verifier = of(Provider.STANDARD_WEBHOOKS, secret);

        assertThat(verifier.verify(standard("v1a," + signature), NOW).passed()).isTrue();
        assertThat(verifier.verify(standard("v1," + signature), NOW).passed()).isFalse();
        String other = (signature.charAt(0) == 'A' ? "B" : "A") + signature.substring(1);
        assertThat(verifier.verify(standard("v1a," + other), NOW).passed()).isFalse();
    }

    private static Request standard(String signature) {
        return request(BODY, "webhook-id", "msg_1", "webhook-timestamp", SECONDS, "webhook-signature", signature);
    }

    @Test
    void aSecretThatIsNoKeyIsToldInWords() {
        assertThatThrownBy(() -> of(Provider.STANDARD_WEBHOOKS, "whsec_not base64!"))
                .hasMessage("is not whsec_ and Base64 (A-Z a-z 0-9 + / =)");
        assertThatThrownBy(() -> of(Provider.STANDARD_WEBHOOKS, "whsec_QUFB"))
                .hasMessage("is whsec_ and the Base64 of 3 bytes; 24 to 64 are right");
        assertThatThrownBy(() -> of(Provider.STANDARD_WEBHOOKS, "whsk_QUFB")).hasMessageContaining("whpk_");
        assertThatThrownBy(() -> of(Provider.STANDARD_WEBHOOKS, "whpk_QUFB")).hasMessageContaining("32");
    }

    @Test
    void stripesSecretIsNotDecodedThoughItLooksLikeOne() {
        String secret = "whsec_" + Base64.getEncoder().encodeToString(SECRET.getBytes(UTF_8));
        String content = hex(secret, joined(SECONDS + ".", BODY));

        assertThat(of(Provider.STRIPE, secret)
                        .verify(request(BODY, "Stripe-Signature", "t=" + SECONDS + ",v1=" + content), NOW)
                        .passed())
                .isTrue();
    }

    @Test
    void shopifysNewHeaderIsTakenToo() {
        String signature = Base64.getEncoder().encodeToString(Signed.hmac("HmacSHA256", SECRET.getBytes(UTF_8), BODY));

        assertThat(of(Provider.SHOPIFY, SECRET)
                        .verify(request(BODY, "Shopify-Hmac-Sha256", signature), NOW)
                        .passed())
                .isTrue();
    }

    // ------------------------------------------------------------------------------------------------ tokens

    @Test
    void gitlabLeavesLineBreaksOfItsTokenOut() {
        assertThat(of(Provider.GITLAB, "tok\r\nen")
                        .verify(request(BODY, "X-Gitlab-Token", "token"), NOW)
                        .passed())
                .isTrue();
        assertThat(of(Provider.GITLAB, "token")
                        .verify(request(BODY, "X-Gitlab-Token", "tokem"), NOW)
                        .passed())
                .isFalse();
    }

    @Test
    void aTokenMayBeABearersOrAPassword() {
        Verifier bearer =
                new TokenScheme("Authorization", TokenScheme.Form.BEARER).verifier(List.of(Credential.of(SECRET)));
        Verifier basic = new TokenScheme("Authorization", TokenScheme.Form.BASIC)
                .verifier(List.of(Credential.of("ci:" + SECRET)));
        String password = Base64.getEncoder().encodeToString(("ci:" + SECRET).getBytes(UTF_8));

        assertThat(bearer.verify(request(BODY, "Authorization", "Bearer " + SECRET), NOW)
                        .passed())
                .isTrue();
        assertThat(bearer.verify(request(BODY, "Authorization", SECRET), NOW).passed())
                .isFalse();
        assertThat(basic.verify(request(BODY, "Authorization", "basic " + password), NOW)
                        .passed())
                .isTrue();
        for (String wrong : List.of("Basic", "Basic ", "Basic *", "Bearer " + password, "Basic " + password + "A")) {
            assertThat(basic.verify(request(BODY, "Authorization", wrong), NOW).passed())
                    .as(wrong)
                    .isFalse();
        }
        assertThatThrownBy(() -> new TokenScheme("Authorization", TokenScheme.Form.BASIC)
                        .verifier(List.of(Credential.of(SECRET))))
                .hasMessage("must be user:password");
    }

    // ------------------------------------------------------------------------------------------------ schemes of one's
    // own

    @Test
    void aSchemeOfOnesOwnCanBeSaid() {
        byte[] key = "a key that is 32 bytes long, yes!".getBytes(UTF_8);
        SignatureScheme scheme = new SignatureScheme(
                List.of(new SignatureScheme.Headers("X-Sig", Optional.of("X-Time"), Optional.of("X-Id"))),
                new SignatureFormat.Plain(),
                Encoding.BASE64,
                Algorithm.HMAC_SHA512,
                new KeyForm.Encoded("key_", Encoding.HEX),
                ContentTemplate.of("a:{id}:{ts}:{body}:z"),
                Duration.ofMinutes(1));
        String signature = Base64.getEncoder()
                .encodeToString(Signed.hmac(
                        "HmacSHA512", key, ("a:7:" + SECONDS + ":" + new String(BODY, UTF_8) + ":z").getBytes(UTF_8)));

        assertThat(scheme.verifier(List.of(
                                Credential.of("key_" + java.util.HexFormat.of().formatHex(key))))
                        .verify(request(BODY, "X-Sig", signature, "X-Time", SECONDS, "X-Id", "7"), NOW)
                        .passed())
                .isTrue();
    }

    @Test
    void aTimeThatIsNotSignedIsNoPartOfAScheme() {
        assertThatThrownBy(() -> new SignatureScheme(
                        List.of(new SignatureScheme.Headers("X-Sig", Optional.of("X-Time"), Optional.empty())),
                        new SignatureFormat.Plain(),
                        Encoding.HEX,
                        Algorithm.HMAC_SHA256,
                        new KeyForm.Utf8(),
                        ContentTemplate.of("{body}"),
                        Duration.ofMinutes(1)))
                .hasMessageContaining("put {ts} into the content");
        assertThatThrownBy(() -> ContentTemplate.of("{ts}.")).hasMessageContaining("{body}");
        assertThatThrownBy(() -> ContentTemplate.of("{ts}.{body")).hasMessageContaining("braces");
    }
}
