package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Seal;
import org.cdshooks.runtime.task.TaskRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsKeysTest {
    private static final byte[] KEY = new byte[32];
    private static final TaskRecord TASK =
            TaskRecord.of(new TaskId("t"), "Web", Map.of("key", ConfigValue.of("secret")));

    @TempDir
    Path dir;

    @Test
    void aDirectoryGetsAKeyOnceThatOnlyItsOwnerMayRead() throws IOException {
        Path data = dir.resolve("data");
        Seal first = SecretsKeys.ofDirectory(List.of(), data);
        TaskRecord sealed = first.seal(TASK, Set.of("key"));

        assertThat(SecretsKeys.ofDirectory(List.of(), data).handOver(sealed, Seal.none()))
                .isEqualTo(TASK);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("secrets.key"))))
                .isEqualTo("rw-------");
        assertThat(Files.list(data)).as("nothing is left over").hasSize(1);
    }

    @Test
    void aConfiguredKeyComesFirstAndTheDirectorysStillOpens() throws IOException {
        Path data = dir.resolve("data");
        TaskRecord before = SecretsKeys.ofDirectory(List.of(), data).seal(TASK, Set.of("key"));
        Seal both = SecretsKeys.ofDirectory(List.of(KEY), data);

        assertThat(both.handOver(before, Seal.none())).isEqualTo(TASK);
        assertThat(Seal.of(List.of(KEY)).handOver(both.seal(before, Set.of("key")), Seal.none()))
                .isEqualTo(TASK);
    }

    @Test
    void withAConfiguredKeyNoneIsMade() throws IOException {
        assertThat(SecretsKeys.ofDirectory(List.of(KEY), dir.resolve("data")).isClosed())
                .isTrue();
        assertThat(dir.resolve("data/secrets.key")).doesNotExist();
    }

    @Test
    void keysAreBase64OrHexAndMayBeSeveral() {
        String base64 = Base64.getEncoder().encodeToString(KEY);
        String hex = HexFormat.of().formatHex(KEY);

        assertThat(SecretsKeys.parse(base64 + "," + hex + "\n" + base64))
                .hasSize(3)
                .containsOnly(KEY);
        for (String wrong : List.of("", ",", "short", base64 + "AAAA", hex + "00", base64 + ",x", "z".repeat(64))) {
            assertThatThrownBy(() -> SecretsKeys.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("openssl rand -base64 32");
        }
    }

    @Test
    void aFileThatHoldsNoKeyIsToldAndLeftAlone() throws IOException {
        Files.writeString(dir.resolve("secrets.key"), "oops");

        assertThatThrownBy(() -> SecretsKeys.ofDirectory(List.of(), dir))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("secrets.key")
                .hasMessageNotContaining("oops");
        assertThat(dir.resolve("secrets.key")).hasContent("oops");
    }
}
