package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
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
        assertThat(distribution.run("--help").out()).isEqualTo(result.out());
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
    void aTokenIsNotMadeWhereNoServiceHasRun() throws Exception {
        Path data = dir.resolve("token-data");

        Result result = distribution.run("token", "--data", data.toString());

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("no service has run", data.toString(), "--data");
        assertThat(data).doesNotExist();
    }

    @Test
    void aStopInTheMiddleOfTheTrainingRunLeavesNothingBehind() throws Exception {
        Path lib = distribution.home().resolve("lib");
        Path killed = Files.writeString(lib.resolve("hooks.aot.new.999999999"), "of a process that was killed");
        Path killedToo = Files.writeString(lib.resolve("hooks.aot.new.999999999.config"), "the same");
        try (Service service = distribution.serve(dir.resolve("cache-data"), Map.of("HOOKS_STARTCACHE", "true"))) {
            Distribution.waitUntil(
                    "the training run is there",
                    () -> service.process().descendants().findAny().isPresent());
            assertThat(service.terminate()).isZero();
        }
        assertThat(killed).doesNotExist();
        assertThat(killedToo).doesNotExist();
        try (Stream<Path> files = Files.list(lib)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("hooks.aot.new"));
        }
    }

    @Test
    void theTokenIsThatOfTheServiceEachTime() throws Exception {
        Path data = dir.resolve("served-data");
        try (Service service = distribution.serve(data, Map.of())) {
            String token = distribution.run("token", "--data", data.toString()).out();

            assertThat(token.strip()).hasSizeGreaterThan(20).isEqualTo(service.token());
        }
    }

    @Test
    void configHidesDefaultsThatAreSecretsOrThatNobodyDeclares() throws Exception {
        Path file = Files.writeString(
                dir.resolve("defaults.yaml"),
                "defaults.sink.secret: top-secret-1\ndefaults.privateKey: top-secret-2\n"
                        + "defaults.unheardOf: top-secret-3\ndefaults.numbers: go\n");

        Result result = distribution.run("config", "--config", file.toString());

        assertThat(result.exitCode()).isZero();
        assertThat(result.out())
                .contains("defaults.sink.secret: **********", "defaults.numbers: go")
                .doesNotContain("top-secret");
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
