package org.cdshooks.toolkit.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.toolkit.verify.Signed.BODY;
import static org.cdshooks.toolkit.verify.Signed.SECRET;
import static org.cdshooks.toolkit.verify.Signed.hex;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Thousands of requests that somebody without the secret could send, the same ones each time. */
class VerifierFuzzTest {
    private static final int REQUESTS = 3_000;
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

    /** Pieces that headers are made of; signatures among them, of other contents and other secrets. */
    private static final List<String> PIECES = List.of(
            "sha256=",
            "sha1=",
            "v0=",
            "v1,",
            "v1a,",
            "v1=",
            "t=",
            "t=1700000000",
            "1700000000",
            ",",
            " ",
            "=",
            "",
            ".",
            "whsec_",
            "Basic ",
            "Bearer ",
            "\u0000",
            "\uD800",
            "é",
            "2023-11-14T22:13:20Z",
            "%",
            hex("not the secret", BODY),
            hex(SECRET, "another body".getBytes(UTF_8)),
            Base64.getEncoder().encodeToString(new byte[32]),
            Base64.getEncoder().encodeToString(new byte[64]),
            "00".repeat(32),
            "a".repeat(63),
            "x".repeat(3_000));

    @ParameterizedTest
    @EnumSource(Provider.class)
    void nothingThrowsNothingIsSlowAndNothingPasses(Provider provider) {
        Random random = new Random(provider.ordinal() + 1);
        Verifier verifier = provider.verifier(
                List.of(Credential.of(SECRET), Credential.of("another secret that counts")), Optional.empty());
        Set<Verification.Reason> reasons = new TreeSet<>();

        for (int i = 0; i < REQUESTS; i++) {
            Request request = request(provider, random);
            Work work = new Work();
            Verification verification = verify(verifier, request, work);
            assertThat(verification).isInstanceOf(Verification.Refused.class);
            reasons.add(((Verification.Refused) verification).reason());
            long length = request.body().length
                    + request.headers().values().stream()
                            .flatMap(List::stream)
                            .mapToLong(String::length)
                            .sum();
            assertThat(work.steps()).isLessThanOrEqualTo(8 * length + 100);
            assertThat(work.hashed()).isLessThanOrEqualTo(4 * length + 2_000);
            assertThat(work.comparisons()).isLessThanOrEqualTo(2 * SignatureFormat.MAX_SIGNATURES);
        }

        assertThat(reasons)
                .as("the requests get as far as the comparison")
                .contains(Verification.Reason.MISSING, Verification.Reason.WRONG);
    }

    private static Verification verify(Verifier verifier, Request request, Work work) {
        return switch (verifier) {
            case SignatureVerifier signatures -> signatures.verify(request, NOW, work);
            case TokenScheme.Tokens tokens -> tokens.verify(request, NOW, work);
            default -> throw new IllegalStateException("not counted: " + verifier);
        };
    }

    private static Request request(Provider provider, Random random) {
        List<String> names = new ArrayList<>();
        provider.signatures()
                .ifPresent(scheme -> scheme.headers().forEach(set -> {
                    names.add(set.signature());
                    set.time().ifPresent(names::add);
                    set.id().ifPresent(names::add);
                }));
        provider.token().ifPresent(token -> names.add(token.header()));
        Map<String, List<String>> headers = new HashMap<>();
        for (String name : names) {
            if (random.nextInt(10) > 0) {
                List<String> values = new ArrayList<>();
                for (int i = 0; i < (random.nextInt(20) == 0 ? 2 : 1); i++) {
                    values.add(
                            name.contains("timestamp") && random.nextBoolean()
                                    ? "1700000000"
                                    : value(name, provider, random));
                }
                headers.put(name, values);
            }
        }
        if (random.nextBoolean()) {
            headers.put("content-type", List.of("application/x-www-form-urlencoded"));
        }
        return new Request(headers, body(random));
    }

    private static String value(String name, Provider provider, Random random) {
        StringBuilder value = new StringBuilder();
        if (random.nextInt(3) == 0) {
            provider.signatures().ifPresent(scheme -> value.append(wellFormed(scheme, name, random)));
            return value.toString();
        }
        int pieces = random.nextInt(8);
        for (int i = 0; i < pieces; i++) {
            value.append(
                    random.nextInt(4) == 0
                            ? String.valueOf((char) random.nextInt(0x300))
                            : PIECES.get(random.nextInt(PIECES.size())));
        }
        return value.toString();
    }

    /** A header as it should be, with a signature that is wrong. */
    private static String wellFormed(SignatureScheme scheme, String name, Random random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        String signature = scheme.encoding() == Encoding.HEX
                ? java.util.HexFormat.of().formatHex(bytes)
                : Base64.getEncoder().encodeToString(bytes);
        if (name.endsWith("-id")) {
            return "msg_" + random.nextInt();
        }
        return switch (scheme.format()) {
            case SignatureFormat.Plain() -> signature;
            case SignatureFormat.Prefixed(String prefix) -> prefix + signature;
            case SignatureFormat.KeyValues(String t, String v) -> t + "=1700000000," + v + "=" + signature;
            case SignatureFormat.SpacedList(String version) -> version + "," + signature;
        };
    }

    private static byte[] body(Random random) {
        byte[] noise = new byte[random.nextInt(2_000)];
        random.nextBytes(noise);
        return switch (random.nextInt(4)) {
            case 0 -> BODY;
            case 1 -> ("payload=" + "%7B".repeat(random.nextInt(500))).getBytes(UTF_8);
            case 2 -> Arrays.copyOf("payload=".getBytes(UTF_8), 8 + random.nextInt(1_000));
            default -> noise;
        };
    }
}
