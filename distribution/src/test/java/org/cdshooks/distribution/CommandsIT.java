package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.cdshooks.distribution.Distribution.Result;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person types and a script relies on: output, messages, exit codes. */
final class CommandsIT {
    @TempDir
    static Path dir;

    private static Distribution distribution;

    @BeforeAll
    static void unpack() throws IOException {
        distribution = Distribution.unpackInto(dir.resolve("dist"));
    }

    @Test
    void helpListsTheCommands() throws Exception {
        Result result = distribution.run("help");

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("serve", "demo", "token", "plugins", "config", "version");
        assertThat(distribution.run("serve", "--help").out()).contains("--port", "--data", "--config");
    }

    @Test
    void versionTellsTheVersion() throws Exception {
        assertThat(distribution.run("version").out()).startsWith("hooks ").doesNotContain("dev");
    }

    @Test
    void aMistypedCommandOrOptionIsAskedAboutOnStandardError() throws Exception {
        Result command = distribution.run("sevre");
        Result option = distribution.run("serve", "--prot", "1");

        assertThat(command.exitCode()).isEqualTo(2);
        assertThat(command.err()).contains("sevre");
        assertThat(command.out()).isEmpty();
        assertThat(option.exitCode()).isEqualTo(2);
        assertThat(option.err()).contains("--prot");
        assertThat(distribution.run().exitCode()).isEqualTo(2);
    }

    @Test
    void aWrongConfigurationStopsTheStartInWords() throws Exception {
        Path file = Files.writeString(dir.resolve("wrong.yaml"), "http.prot: 1\nretryError: many\n");

        Result result = distribution.run("serve", "--config", file.toString());

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .contains("did you mean 'http.port'?")
                .contains("retryError")
                .contains("'many'")
                .doesNotContain("\tat ");
    }

    @Test
    void configTellsWhereEachValueCameFrom() throws Exception {
        Result result = distribution.run(Map.of("HOOKS_HTTP_PORT", "9999"), "config");

        assertThat(result.out())
                .contains("http.port: 9999")
                .contains("environment variable HOOKS_HTTP_PORT")
                .contains("# default");
    }

    @Test
    void tokenIsMadeOnceAndForItsOwnerOnly() throws Exception {
        Path data = dir.resolve("token-data");

        String first = distribution.run("token", "--data", data.toString()).out();

        assertThat(first.strip()).hasSizeGreaterThan(20);
        assertThat(distribution.run("token", "--data", data.toString()).out()).isEqualTo(first);
    }

    @Test
    void pluginsTellsWhatLoadsAndWhatDoesNot() throws Exception {
        assertThat(distribution.run("plugins"))
                .satisfies(result -> assertThat(result.exitCode()).isZero())
                .satisfies(result ->
                        assertThat(result.out()).contains("Webhook", "Scheduler", "RepoWebHook", "RepoPoller"));

        Path bad = Files.writeString(distribution.home().resolve("plugins/broken.jar"), "this is no jar");
        try {
            Result result = distribution.run("plugins");
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.out()).contains("broken").contains("Webhook");
        } finally {
            Files.delete(bad);
        }
    }

    @Test
    void theDemoShowsBothAndLeavesNothingBehind() throws Exception {
        Path temporary = Files.createDirectory(dir.resolve("tmp"));

        Result result =
                distribution.run(Map.of("HOOKS_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary), "demo", "--for", "8");

        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("is ready at")
                .contains("curl -X POST")
                .contains("Webhook ")
                .contains("Scheduler ");
        try (var left = Files.list(temporary)) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("hooks-")))
                    .isEmpty();
        }
    }
}
