package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GivenHashTest {
    private static final String GIVEN = "698cb4ee-aeaa-4a42-b9e4-f62834e5eebe";

    @TempDir
    Path data;

    @Test
    void whatTheApiGivesHoldsAtOnceAndAfterARestart() throws Exception {
        GivenHash hash = new GivenHash(data, ServiceHash.readOrCreate(data));

        hash.accept(GIVEN);

        assertThat(hash.get()).isEqualTo(GIVEN);
        assertThat(new GivenHash(data, ServiceHash.readOrCreate(data)).get()).isEqualTo(GIVEN);
    }

    @Test
    void theFileIsNotWrittenAtEachHeartbeat() throws Exception {
        GivenHash hash = new GivenHash(data, ServiceHash.readOrCreate(data));
        hash.accept(GIVEN);
        Path file = data.resolve("service.hash");
        Object first = Files.readAttributes(file, "unix:ino").get("ino");

        hash.accept(GIVEN);

        assertThat(Files.readAttributes(file, "unix:ino").get("ino")).isEqualTo(first);
    }

    @Test
    void aDirectoryThatCannotBeWrittenDoesNotKeepTheHashOut() {
        GivenHash hash = new GivenHash(data.resolve("missing"), "before");

        hash.accept(GIVEN);

        assertThat(hash.get()).isEqualTo(GIVEN);
    }
}
