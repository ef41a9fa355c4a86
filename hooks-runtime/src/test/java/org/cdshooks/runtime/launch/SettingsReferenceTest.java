package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class SettingsReferenceTest {
    @Test
    void theDocumentIsWhatTheCodeSays() throws IOException {
        Path document = Path.of("../docs/configuration.md");
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(document, SettingsReference.markdown());
        }

        assertThat(Files.readString(document))
                .as(
                        "docs/configuration.md differs from the code: run the test with -Ddocs.update=true and commit the change")
                .isEqualTo(SettingsReference.markdown());
    }

    @Test
    void everyKeyIsInIt() {
        assertThat(Settings.KEYS)
                .allSatisfy(key -> assertThat(SettingsReference.markdown())
                        .contains("`" + key.name() + "`")
                        .contains("`" + key.environmentName() + "`"));
    }
}
