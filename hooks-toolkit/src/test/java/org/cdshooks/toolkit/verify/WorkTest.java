package org.cdshooks.toolkit.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.toolkit.verify.Signed.BODY;
import static org.cdshooks.toolkit.verify.Signed.OLD;
import static org.cdshooks.toolkit.verify.Signed.SECRET;
import static org.cdshooks.toolkit.verify.Signed.hex;
import static org.cdshooks.toolkit.verify.Signed.request;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How much is done, counted and not timed. That a comparison looks at all bytes is what {@link ComparisonTest} sees to. */
class WorkTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private static final List<Credential> TWO = List.of(Credential.of(SECRET), Credential.of(OLD));

    private static List<Long> github(String signature) {
        Work work = new Work();
        ((SignatureVerifier) Provider.GITHUB.verifier(TWO, Optional.empty()))
                .verify(request(BODY, "X-Hub-Signature-256", "sha256=" + signature), NOW, work);
        return List.of(work.steps(), work.hashed(), (long) work.comparisons(), work.compared());
    }

    @Test
    void theFirstWrongByteChangesNothing() {
        String right = hex(SECRET, BODY);
        Set<List<Long>> counts = new HashSet<>();
        counts.add(github(right));
        for (int i = 0; i < right.length(); i++) {
            char other = right.charAt(i) == '0' ? '1' : '0';
            counts.add(github(right.substring(0, i) + other + right.substring(i + 1)));
        }

        assertThat(counts).hasSize(1);
    }

    @Test
    void allSecretsAreTriedWhicheverIsRight() {
        assertThat(github(hex(SECRET, BODY)))
                .isEqualTo(github(hex(OLD, BODY)))
                .isEqualTo(github(hex("neither of the two", BODY)));
        assertThat(github(hex(SECRET, BODY)).get(2)).isEqualTo(2);
        assertThat(github(hex(SECRET, BODY)).get(3)).isEqualTo(64);
    }

    @Test
    void aTokenIsComparedWholeWhateverItsLengthAndWhicheverIsRight() {
        Set<List<Long>> counts = new HashSet<>();
        List<String> tokens = new ArrayList<>(List.of(SECRET, OLD));
        for (int i = 0; i < SECRET.length(); i++) {
            tokens.add(SECRET.substring(0, i) + "#" + SECRET.substring(i + 1));
        }
        tokens.add("x");
        tokens.add("x".repeat(4_000));
        for (String token : tokens) {
            Work work = new Work();
            ((TokenScheme.Tokens) Provider.GITLAB.verifier(TWO, Optional.empty()))
                    .verify(request(BODY, "X-Gitlab-Token", token), NOW, work);
            counts.add(List.of((long) work.comparisons(), work.compared()));
        }

        assertThat(counts).containsExactly(List.of(2L, 64L));
    }

    @Test
    void ofAThousandSignaturesTenAreTried() {
        StringBuilder many = new StringBuilder("t=1700000000");
        for (int i = 0; i < 100; i++) {
            many.append(",v1=").append(hex("wrong" + i, BODY));
        }
        Work work = new Work();

        Verification refused = ((SignatureVerifier) Provider.STRIPE.verifier(TWO, Optional.empty()))
                .verify(request(BODY, "Stripe-Signature", many.toString()), NOW, work);

        assertThat(refused.passed()).isFalse();
        assertThat(work.comparisons()).isEqualTo(2 * SignatureFormat.MAX_SIGNATURES);
    }

    @Test
    void aHeaderThatIsTooLongIsNotLookedAt() {
        Work work = new Work();

        ((SignatureVerifier) Provider.STRIPE.verifier(TWO, Optional.empty()))
                .verify(request(BODY, "Stripe-Signature", "v1=".repeat(1_000_000)), NOW, work);

        assertThat(work.steps()).isZero();
        assertThat(work.hashed()).isZero();
    }

    @Test
    void theBodyIsHashedOnceForEachSecret() {
        byte[] large = "x".repeat(1_000_000).getBytes(UTF_8);
        Work work = new Work();

        ((SignatureVerifier) Provider.GITHUB.verifier(TWO, Optional.empty()))
                .verify(Signed.github(SECRET, large), NOW, work);

        assertThat(work.hashed()).isEqualTo(2_000_000);
    }
}
