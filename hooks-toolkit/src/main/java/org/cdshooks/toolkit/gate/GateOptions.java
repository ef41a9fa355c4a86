package org.cdshooks.toolkit.gate;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.Secret;
import org.cdshooks.toolkit.verify.Provider;
import org.cdshooks.toolkit.verify.SignatureFormat;

/** The options of {@link WebhookGate}. */
final class GateOptions {
    static final String NONE = "none";
    static final String TOKEN = "token";
    static final String BASIC = "basic";
    static final String CUSTOM = "custom";

    static final ConfigOption<String> VERIFY = ConfigOption.choice(
                    "verify",
                    "How senders prove who they are: the name of the sender; token or basic for a secret that is sent along;"
                            + " custom for another signature; none lets everybody in who knows the address.",
                    choices())
            .withDefault(NONE);

    static final ConfigOption<Secret> SECRET =
            ConfigOption.secret("secret", "What the sender signs with or sends, as it was given to the sender.");

    static final ConfigOption<Secret> OLD_SECRET = ConfigOption.secret(
            "secret.old", "The secret from before a change: it counts as well, until secret.old.until.");

    static final ConfigOption<String> OLD_SECRET_UNTIL = ConfigOption.string(
                    "secret.old.until", "When the old secret ends, such as 2026-01-31T12:00:00Z.")
            .where(text -> time(text).isPresent(), "must be a time such as 2026-01-31T12:00:00Z");

    static final ConfigOption<Duration> TOLERANCE = ConfigOption.duration(
                    "verify.tolerance",
                    "How far a signed time may be from the time here, before and after; 5m unless given.")
            .where(
                    tolerance -> tolerance.compareTo(Duration.ofSeconds(1)) >= 0
                            && tolerance.compareTo(Duration.ofDays(1)) <= 0,
                    "must be 1s to 1d");

    static final ConfigOption<String> HEADER = ConfigOption.string(
                    "verify.header",
                    "For verify custom and token: the header of the signature or the token; a token is that of a bearer in"
                            + " Authorization unless given.")
            .where(GateOptions::isHeaderName, "must be the name of a header, such as X-Signature");

    static final ConfigOption<String> FORMAT = ConfigOption.string(
                    "verify.format",
                    "For verify custom: how the signature stands in its header, such as {sig}, sha256={sig},"
                            + " t={ts},v1={sig}, or 'v1,{sig} ...' for several parted by spaces; {sig} unless given.")
            .where(
                    text -> format(text).isPresent(),
                    "must be like {sig}, sha256={sig}, t={ts},v1={sig} or v1,{sig} ...");

    static final ConfigOption<String> ENCODING = ConfigOption.choice(
            "verify.encoding", "For verify custom: how its bytes are written; hex unless given.", "hex", "base64");

    static final ConfigOption<String> ALGORITHM = ConfigOption.choice(
            "verify.algorithm",
            "For verify custom: how it is made; hmac-sha256 unless given.",
            "hmac-sha256",
            "hmac-sha512",
            "hmac-sha1",
            "ed25519");

    static final ConfigOption<String> KEY = ConfigOption.choice(
            "verify.key",
            "For verify custom: what the key is: the secret's text, or bytes that are written in it; text unless given.",
            "text",
            "base64",
            "hex");

    static final ConfigOption<String> KEY_PREFIX = ConfigOption.string(
            "verify.keyPrefix", "For verify custom and a key in base64 or hex: what stands before it, such as whsec_.");

    static final ConfigOption<String> CONTENT = ConfigOption.string(
            "verify.content",
            "For verify custom: what is signed, with {body} (or {form.payload}), {ts} and {id} in it; {body} unless given.");

    static final ConfigOption<String> TIME_HEADER = ConfigOption.string(
                    "verify.timeHeader", "For verify custom: the header of the signed time {ts}.")
            .where(GateOptions::isHeaderName, "must be the name of a header, such as X-Timestamp");

    static final ConfigOption<String> ID_HEADER = ConfigOption.string(
                    "verify.idHeader", "For verify custom: the header of the signed id {id}, which names the delivery.")
            .where(GateOptions::isHeaderName, "must be the name of a header, such as X-Message-Id");

    static final ConfigOption<String> DEDUP_HEADER = ConfigOption.string(
                    "dedupHeader",
                    "The header whose value names a delivery, such as X-GitHub-Delivery: a delivery that comes again"
                            + " makes no second execution. A sender that is verified has its own unless given; without"
                            + " it each request makes one.")
            .where(
                    name -> name.isEmpty() || isHeaderName(name),
                    "must be the name of a header, such as X-GitHub-Delivery: letters, digits and dashes");

    /** Those that say something of a signature that no provider is known for. */
    static final List<ConfigOption<?>> OF_CUSTOM =
            List.of(FORMAT, ENCODING, ALGORITHM, KEY, KEY_PREFIX, CONTENT, TIME_HEADER, ID_HEADER);

    static final List<ConfigOption<?>> ALL = Stream.concat(
                    Stream.of(VERIFY, SECRET, OLD_SECRET, OLD_SECRET_UNTIL, TOLERANCE, HEADER),
                    Stream.concat(OF_CUSTOM.stream(), Stream.of(DEDUP_HEADER)))
            .toList();

    private GateOptions() {}

    private static String[] choices() {
        Stream<String> providers = Arrays.stream(Provider.values()).map(Provider::label);
        return Stream.of(Stream.of(NONE), providers, Stream.of(TOKEN, BASIC, CUSTOM))
                .flatMap(names -> names)
                .toArray(String[]::new);
    }

    static Optional<Instant> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text.strip()).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Reads a format; empty if it is none. */
    static Optional<SignatureFormat> format(String text) {
        String signature = "{sig}";
        int at = text.indexOf(signature);
        if (at < 0) {
            return Optional.empty();
        }
        String before = text.substring(0, at);
        String after = text.substring(at + signature.length());
        int time = before.indexOf("={ts},");
        if (time > 0 && after.isEmpty()) {
            String key = before.substring(time + "={ts},".length());
            return key.length() > 1 && key.indexOf('=') == key.length() - 1
                    ? Optional.of(new SignatureFormat.KeyValues(
                            before.substring(0, time), key.substring(0, key.length() - 1)))
                    : Optional.empty();
        }
        if (before.contains("{") || before.contains("}")) {
            return Optional.empty();
        }
        if (after.equals(" ...")) {
            return before.length() > 1 && before.endsWith(",") && !before.contains(" ")
                    ? Optional.of(new SignatureFormat.SpacedList(before.substring(0, before.length() - 1)))
                    : Optional.empty();
        }
        if (!after.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(before.isEmpty() ? new SignatureFormat.Plain() : new SignatureFormat.Prefixed(before));
    }

    private static boolean isHeaderName(String name) {
        return !name.isEmpty()
                && name.length() <= 100
                && name.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || c == '-'
                                || c == '_');
    }
}
