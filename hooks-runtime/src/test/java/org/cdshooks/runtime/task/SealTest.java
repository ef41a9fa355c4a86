package org.cdshooks.runtime.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.junit.jupiter.api.Test;

class SealTest {
    private static final TaskId TASK = new TaskId("t");
    private static final byte[] ONE = key(1);
    private static final byte[] TWO = key(2);
    private static final String CLEAR = "It's a Secret to Everybody: é";

    private static byte[] key(int fill) {
        byte[] key = new byte[Seal.KEY_BYTES];
        java.util.Arrays.fill(key, (byte) fill);
        return key;
    }

    private static TaskRecord task(String value) {
        return TaskRecord.of(
                TASK, "Web", Map.of("key", new ConfigValue(value, true, "password"), "colour", ConfigValue.of("red")));
    }

    private static String sealed(Seal seal, String value) {
        return seal.seal(task(value), Set.of("key")).config().get("key").value();
    }

    @Test
    void aSecretIsSealedAndOpenedAndNothingElseIs() throws Exception {
        Seal seal = Seal.of(List.of(ONE));
        TaskRecord stored = seal.seal(task(CLEAR), Set.of("key", "absent"));

        assertThat(stored.config().get("colour")).isEqualTo(ConfigValue.of("red"));
        ConfigValue value = stored.config().get("key");
        assertThat(value.value()).matches("enc:v1:[0-9a-f]{8}:[A-Za-z0-9+/=]+").doesNotContain("Secret");
        assertThat(value.configurable()).isTrue();
        assertThat(value.type()).isEqualTo("password");
        assertThat(seal.open(TASK, "key", value.value())).isEqualTo(CLEAR);
        assertThat(seal.open(TASK, "key", CLEAR)).isEqualTo(CLEAR);
        assertThat(seal.toString()).doesNotContain(new String(ONE, java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void theSameSecretNeverLooksTheSame() {
        Seal seal = Seal.of(List.of(ONE));
        Set<String> forms = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            forms.add(sealed(seal, CLEAR));
        }

        assertThat(forms).hasSize(100);
    }

    @Test
    void whatIsSealedAlreadyStaysAsItIs() {
        Seal seal = Seal.of(List.of(ONE));
        TaskRecord once = seal.seal(task(CLEAR), Set.of("key"));

        assertThat(seal.seal(once, Set.of("key"))).isEqualTo(once);
    }

    @Test
    void aValueIsWorthNothingInAnotherPlace() {
        Seal seal = Seal.of(List.of(ONE));
        String value = sealed(seal, CLEAR);

        assertThatThrownBy(() -> seal.open(new TaskId("other"), "key", value))
                .isInstanceOf(Seal.CanNotOpenException.class)
                .hasMessageContaining("another task or option");
        assertThatThrownBy(() -> seal.open(TASK, "colour", value)).isInstanceOf(Seal.CanNotOpenException.class);
    }

    @Test
    void whatIsDamagedIsToldAndNeverOpensToSomethingElse() {
        Seal seal = Seal.of(List.of(ONE));
        String value = sealed(seal, CLEAR);
        int begin = "enc:v1:01234567:".length();
        for (int i = begin; i < value.length(); i++) {
            char other = value.charAt(i) == 'A' ? 'B' : 'A';
            String damaged = value.substring(0, i) + other + value.substring(i + 1);
            if (value.endsWith("=") && i >= value.length() - 3) {
                continue; // bits there may mean nothing
            }
            assertThatThrownBy(() -> seal.open(TASK, "key", damaged)).isInstanceOf(Seal.CanNotOpenException.class);
        }
        for (String broken : List.of(value.substring(0, begin), value.substring(0, begin) + "AAAA", value + "*")) {
            assertThatThrownBy(() -> seal.open(TASK, "key", broken)).isInstanceOf(Seal.CanNotOpenException.class);
        }
    }

    @Test
    void aKeyThatIsNotThereIsNamedAndNotShown() {
        String value = sealed(Seal.of(List.of(ONE)), CLEAR);
        String id = value.substring("enc:v1:".length(), "enc:v1:01234567".length());

        assertThatThrownBy(() -> Seal.of(List.of(TWO)).open(TASK, "key", value))
                .hasMessageContaining("key " + id)
                .hasMessageContaining("secrets.key");
        assertThatThrownBy(() -> Seal.none().open(TASK, "key", value)).hasMessageContaining("it has none");
        assertThat(Seal.of(List.of(TWO)).lacking(value)).isPresent();
        assertThat(Seal.of(List.of(TWO, ONE)).lacking(value)).isEmpty();
        assertThat(Seal.none().lacking(CLEAR)).isEmpty();
        assertThat(Seal.none().lacking("enc:v1:<script>")).get().asString().doesNotContain("script");
    }

    @Test
    void theFirstKeySealsAndAllOpen() throws Exception {
        String old = sealed(Seal.of(List.of(ONE)), CLEAR);
        Seal both = Seal.of(List.of(TWO, ONE));

        assertThat(both.open(TASK, "key", old)).isEqualTo(CLEAR);
        String fresh = sealed(both, old);
        assertThat(Seal.of(List.of(TWO)).open(TASK, "key", fresh)).isEqualTo(CLEAR);
    }

    @Test
    void whatCanNotBeOpenedIsNotLost() {
        String foreign = sealed(Seal.of(List.of(ONE)), CLEAR);

        assertThat(sealed(Seal.of(List.of(TWO)), foreign)).isEqualTo(foreign);
        assertThat(Seal.of(List.of(TWO))
                        .handOver(task(foreign), Seal.none())
                        .config()
                        .get("key")
                        .value())
                .isEqualTo(foreign);
    }

    @Test
    void aTaskIsHandedOverToAnotherSeal() throws Exception {
        Seal from = Seal.of(List.of(ONE));
        TaskRecord stored = from.seal(task(CLEAR), Set.of("key"));

        assertThat(from.handOver(stored, Seal.none())).isEqualTo(task(CLEAR));
        TaskRecord there = from.handOver(stored, Seal.of(List.of(TWO)));
        assertThat(Seal.of(List.of(TWO))
                        .open(TASK, "key", there.config().get("key").value()))
                .isEqualTo(CLEAR);
        assertThat(there.config().get("colour")).isEqualTo(ConfigValue.of("red"));
    }

    @Test
    void bytesAreSealedForTheirTaskAndName() throws Exception {
        Seal seal = Seal.of(List.of(ONE));
        byte[] clear = CLEAR.getBytes(UTF_8);

        byte[] stored = seal.seal(TASK, "request", clear);

        assertThat(new String(stored, UTF_8)).startsWith(Seal.PREFIX).doesNotContain("Secret");
        assertThat(stored.length).isLessThan(clear.length + 64);
        assertThat(seal.open(TASK, "request", stored)).isEqualTo(clear);
        assertThat(seal.open(TASK, "request", clear)).isEqualTo(clear);
        assertThat(Seal.none().seal(TASK, "request", clear)).isEqualTo(clear);
        assertThatThrownBy(() -> seal.open(TASK, "another", stored)).isInstanceOf(Seal.CanNotOpenException.class);
        assertThatThrownBy(() -> seal.open(new TaskId("u"), "request", stored))
                .isInstanceOf(Seal.CanNotOpenException.class);
        assertThatThrownBy(() -> Seal.of(List.of(TWO)).open(TASK, "request", stored))
                .isInstanceOf(Seal.CanNotOpenException.class)
                .hasMessageContaining("which this node does not have");
        stored[stored.length - 1]++;
        assertThatThrownBy(() -> seal.open(TASK, "request", stored)).isInstanceOf(Seal.CanNotOpenException.class);
    }
}
