package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {
    private static final String TOML = """
            [api]
            retryDelay = 7

            [hooks]
            name = "hooks1"
            URL = "http://127.0.0.1:28083"
            urlPublic = "https://hooks.example.org"
            retryDelay = 60
            retryError = 3
            executionHistory = 20
            disable = false
            colour = "green"

              [hooks.api]
              token = "tok\\"en: #1"
              requestTimeout = 10
              maxHeartbeatFailures = 5

                [hooks.api.grpc]
                url = "http://127.0.0.1:8082"

                [hooks.api.http]
                insecure = false
                url = "http://127.0.0.1:8081"

              [hooks.cache]
              ttl = 60

                [hooks.cache.redis]
                host = "mymaster@s1:26379,s2:26379"
                password = ""

              [hooks.http]
              addr = ""
              port = 8084
            """;

    @TempDir
    Path dir;

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

    @AfterEach
    void giveBack() {
        System.setOut(out);
        System.setErr(err);
    }

    private int convert(String toml) throws IOException {
        Path file = Files.writeString(dir.resolve("cds.toml"), toml);
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
        try {
            return Main.run("config", "convert", file.toString());
        } finally {
            giveBack();
        }
    }

    @Test
    void whatIsPrintedIsAConfigurationThatSaysTheSame() throws IOException {
        assertThat(convert(TOML)).isZero();

        Path yaml = Files.writeString(dir.resolve("hooks.yaml"), said.toString(StandardCharsets.UTF_8));
        Settings settings = new SettingsLoader(
                        dir, dir, Map.of(), warning -> assertThat(warning).isNull())
                .load(Optional.of(yaml), Map.of());
        assertThat(settings.entries().stream()
                        .filter(entry -> !entry.origin().equals("default"))
                        .map(entry -> entry.key() + "=" + entry.value()))
                .containsExactlyInAnyOrder(
                        "cds.name=hooks1",
                        "cds.url=http://127.0.0.1:28083",
                        "urlPublic=https://hooks.example.org",
                        "retryDelay=60",
                        "retryError=3",
                        "executionHistory=20",
                        "cds.api.token=**********",
                        "cds.api.maxHeartbeatFailures=5",
                        "cds.api.insecure=false",
                        "cds.api.url=http://127.0.0.1:8081",
                        "store.type=redis",
                        "store.redis.url=mymaster@s1:26379,s2:26379",
                        "http.host=0.0.0.0",
                        "http.port=8084");
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("cds.api.token: \"tok\\\"en: #1\"");
    }

    @Test
    void whatMeansNothingHereIsSaid() throws IOException {
        convert(TOML);

        assertThat(complained.toString(StandardCharsets.UTF_8))
                .contains("hooks: api.grpc.url is not needed")
                .contains("hooks: cache.ttl has never had an effect")
                .contains("hooks: colour is no key that this service knows")
                .doesNotContain("disable");
    }

    @Test
    void aFileWithoutTheSectionIsRefusedInWords() throws IOException {
        assertThat(convert("[api]\nurl = \"x\"")).isEqualTo(ExitCode.USAGE.code());
        assertThat(complained.toString(StandardCharsets.UTF_8)).contains("has no section [hooks]");
    }

    @Test
    void whatIsNoTomlIsRefusedWithItsLine() throws IOException {
        assertThat(convert("[hooks]\nname = \n")).isEqualTo(ExitCode.USAGE.code());
        assertThat(complained.toString(StandardCharsets.UTF_8))
                .contains("is no TOML")
                .contains("line 2");
    }
}
