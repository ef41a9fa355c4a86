package org.cdshooks.toolkit.verify;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Senders that are known: how each proves itself, and how it names its deliveries. */
@SuppressWarnings("ImmutableEnumChecker") // all of it is records and lists that nobody changes
public enum Provider {
    /** GitHub. Its older signature by SHA-1 is not looked at. */
    GITHUB("github", body("X-Hub-Signature-256", prefixed(), Encoding.HEX), header("x-github-delivery")),

    /** GitLab with a secret token. Its other ids change with each attempt, or are shared by several hooks. */
    GITLAB("gitlab", new TokenScheme("X-Gitlab-Token", TokenScheme.Form.PLAIN), header("idempotency-key")),

    /** GitLab with a signing token. */
    GITLAB_SIGNED("gitlab-signed", standard("webhook"), header("webhook-id")),

    /** Bitbucket Cloud: SHA-256 in spite of the header's name. */
    BITBUCKET_CLOUD("bitbucket-cloud", body("X-Hub-Signature", prefixed(), Encoding.HEX), header("x-request-uuid")),

    /** Bitbucket Server and Data Center. */
    BITBUCKET_SERVER("bitbucket-server", body("X-Hub-Signature", prefixed(), Encoding.HEX), header("x-request-id")),

    /** Gitea: of a form the decoded payload is signed. */
    GITEA("gitea", gitea("X-Gitea-Signature"), header("x-gitea-delivery")),

    /** Forgejo: sends Gitea's headers as well; its own come first. */
    FORGEJO(
            "forgejo",
            gitea("X-Forgejo-Signature", "X-Gitea-Signature"),
            header("x-forgejo-delivery", "x-gitea-delivery")),

    /** Stripe: the key is the endpoint's secret with its {@code whsec_}. */
    STRIPE(
            "stripe",
            new SignatureScheme(
                    List.of(headers("Stripe-Signature")),
                    new SignatureFormat.KeyValues("t", "v1"),
                    Encoding.HEX,
                    Algorithm.HMAC_SHA256,
                    new KeyForm.Utf8(),
                    ContentTemplate.of("{ts}.{body}"),
                    SignatureScheme.USUAL_TOLERANCE),
            new DeliveryName.BodyMember("id")),

    /** Slack. */
    SLACK(
            "slack",
            new SignatureScheme(
                    List.of(headers("X-Slack-Signature", "X-Slack-Request-Timestamp")),
                    new SignatureFormat.Prefixed("v0="),
                    Encoding.HEX,
                    Algorithm.HMAC_SHA256,
                    new KeyForm.Utf8(),
                    ContentTemplate.of("v0:{ts}:{body}"),
                    SignatureScheme.USUAL_TOLERANCE),
            new DeliveryName.BodyMember("event_id")),

    /** Shopify: the key is the app's client secret. */
    SHOPIFY(
            "shopify",
            new SignatureScheme(
                    List.of(headers("X-Shopify-Hmac-SHA256"), headers("Shopify-Hmac-Sha256")),
                    new SignatureFormat.Plain(),
                    Encoding.BASE64,
                    Algorithm.HMAC_SHA256,
                    new KeyForm.Utf8(),
                    ContentTemplate.of("{body}"),
                    SignatureScheme.USUAL_TOLERANCE),
            header("x-shopify-webhook-id", "shopify-webhook-id")),

    /** Whoever signs by Standard Webhooks, and Svix, whose headers have another name. */
    STANDARD_WEBHOOKS("standard-webhooks", standard("webhook", "svix"), header("webhook-id", "svix-id")),

    /** Zendesk. */
    ZENDESK(
            "zendesk",
            new SignatureScheme(
                    List.of(headers("X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp")),
                    new SignatureFormat.Plain(),
                    Encoding.BASE64,
                    Algorithm.HMAC_SHA256,
                    new KeyForm.Utf8(),
                    ContentTemplate.of("{ts}{body}"),
                    SignatureScheme.USUAL_TOLERANCE),
            header("x-zendesk-webhook-invocation-id"));

    private final String label;
    private final Optional<SignatureScheme> signatures;
    private final Optional<TokenScheme> token;
    private final DeliveryName delivery;

    Provider(String label, SignatureScheme signatures, DeliveryName delivery) {
        this.label = label;
        this.signatures = Optional.of(signatures);
        this.token = Optional.empty();
        this.delivery = delivery;
    }

    Provider(String label, TokenScheme token, DeliveryName delivery) {
        this.label = label;
        this.signatures = Optional.empty();
        this.token = Optional.of(token);
        this.delivery = delivery;
    }

    /**
     * Finds a provider.
     *
     * @param name as users write it, such as {@code bitbucket-cloud}
     * @return the provider, if it is known
     */
    public static Optional<Provider> named(String name) {
        return Arrays.stream(values())
                .filter(provider -> provider.label.equals(name))
                .findFirst();
    }

    /**
     * Returns the name as users write it.
     *
     * @return such as {@code bitbucket-cloud}
     */
    public String label() {
        return label;
    }

    /**
     * Returns how it signs.
     *
     * @return the scheme; empty if it sends a token instead
     */
    public Optional<SignatureScheme> signatures() {
        return signatures;
    }

    /**
     * Returns which token it sends.
     *
     * @return the scheme; empty if it signs instead
     */
    public Optional<TokenScheme> token() {
        return token;
    }

    /**
     * Returns where it names a delivery. Worth something only of requests that have passed.
     *
     * @return the place
     */
    public DeliveryName delivery() {
        return delivery;
    }

    /**
     * Makes a verifier.
     *
     * @param credentials the secrets, any of which is enough
     * @param tolerance how far a signed time may be from now; empty for what is usual
     * @return a verifier
     * @throws IllegalArgumentException if there is none, or one is no key; the message goes on after the option's name
     */
    public Verifier verifier(List<Credential> credentials, Optional<Duration> tolerance) {
        return signatures
                .map(scheme -> tolerance.map(scheme::tolerance).orElse(scheme).verifier(credentials))
                .orElseGet(() -> token.orElseThrow().verifier(credentials));
    }

    private static SignatureScheme body(String header, SignatureFormat format, Encoding encoding) {
        return SignatureScheme.ofBody(header, format, encoding);
    }

    private static SignatureFormat prefixed() {
        return new SignatureFormat.Prefixed("sha256=");
    }

    private static DeliveryName header(String... names) {
        return new DeliveryName.Header(List.of(names));
    }

    private static SignatureScheme.Headers headers(String signature) {
        return new SignatureScheme.Headers(signature, Optional.empty(), Optional.empty());
    }

    private static SignatureScheme.Headers headers(String signature, String time) {
        return new SignatureScheme.Headers(signature, Optional.of(time), Optional.empty());
    }

    private static SignatureScheme gitea(String... headers) {
        return new SignatureScheme(
                Arrays.stream(headers).map(Provider::headers).toList(),
                new SignatureFormat.Plain(),
                Encoding.HEX,
                Algorithm.HMAC_SHA256,
                new KeyForm.Utf8(),
                ContentTemplate.of("{form.payload}"),
                SignatureScheme.USUAL_TOLERANCE);
    }

    private static SignatureScheme standard(String... families) {
        return new SignatureScheme(
                Arrays.stream(families)
                        .map(family -> new SignatureScheme.Headers(
                                family + "-signature", Optional.of(family + "-timestamp"), Optional.of(family + "-id")))
                        .toList(),
                new SignatureFormat.SpacedList("v1"),
                Encoding.BASE64,
                Algorithm.HMAC_SHA256,
                new KeyForm.StandardWebhooks(),
                ContentTemplate.of("{id}.{ts}.{body}"),
                SignatureScheme.USUAL_TOLERANCE);
    }
}
