package org.cdshooks.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

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
}
