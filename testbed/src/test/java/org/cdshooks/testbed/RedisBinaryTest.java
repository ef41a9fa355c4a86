package org.cdshooks.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisBinaryTest {
    @Test
    void theLibraryBringsABinaryForEverySystemThatIsPromised() {
        for (List<String> system : List.of(
                List.of("Linux", "amd64"),
                List.of("Linux", "aarch64"),
                List.of("Mac OS X", "x86_64"),
                List.of("Mac OS X", "aarch64"))) {
            assertThat(RedisBinary.bundled(system.getFirst(), system.getLast()))
                    .hasValueSatisfying(name -> assertThat(RedisBinary.class.getResource("/" + name))
                            .as(name)
                            .isNotNull());
        }
        assertThat(RedisBinary.bundled("Windows 11", "amd64")).isEmpty();
        assertThat(RedisBinary.bundled("Linux", "riscv64")).isEmpty();
    }

    @Test
    void aNameThatIsWrongIsToldWithTheOptionAndTheValue(@TempDir Path directory) {
        for (Path wrong : List.of(directory, directory.resolve("none"))) {
            assertThatThrownBy(() -> RedisBinary.named(wrong.toString(), "-Dredis.server"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("-Dredis.server=" + wrong + " ");
        }
        assertThat(RedisBinary.named("", "-Dredis.server")).isEmpty();
        assertThat(RedisBinary.named(null, "-Dredis.server")).isEmpty();
    }

    @Test
    void aFileThatCanBeExecutedIsTakenAsNamed(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("redis"));
        assertThatThrownBy(() -> RedisBinary.named(file.toString(), "REDIS_SERVER"))
                .hasMessage("REDIS_SERVER=" + file + " names no file that can be executed.");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        assertThat(RedisBinary.named(file.toString(), "REDIS_SERVER")).contains(file);
    }
}
