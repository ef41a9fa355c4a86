package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.sink.Cidr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsLoaderTest {
    @TempDir
    Path home;

    private final List<String> warnings = new ArrayList<>();

    private Settings load(String yaml, Map<String, String> environment, Map<String, Map.Entry<String, String>> options)
            throws IOException {
        Files.createDirectories(home.resolve("conf"));
        Files.writeString(home.resolve("conf/hooks.yaml"), yaml);
        return new SettingsLoader(home, home, environment, warnings::add).load(Optional.empty(), options);
    }

    private List<ConfigProblem> problemsOf(String yaml, Map<String, String> environment) {
        return catchThrowableOfType(InvalidConfigException.class, () -> load(yaml, environment, Map.of()))
                .problems();
    }

    @Test
    void laterSourcesWinAndEachValueTellsWhereItCameFrom() throws IOException {
        Settings settings = load(
                "http: {port: 1111, host: 0.0.0.0}\nretryDelay: 7\nexecutionHistory: 3",
                Map.of("HOOKS_HTTP_PORT", "2222", "HOOKS_RETRYDELAY", "8"),
                Map.of("http.port", Map.entry("option --port", "3333")));

        assertThat(settings.get(Settings.HTTP_PORT)).isEqualTo(3333);
        assertThat(settings.get(Settings.HTTP_HOST)).isEqualTo("0.0.0.0");
        assertThat(settings.get(Settings.RETRY_DELAY)).isEqualTo(8);
        assertThat(settings.get(Settings.RETRY_ERROR)).isEqualTo(3);
        assertThat(settings.entries())
                .contains(new Settings.Entry("http.port", "3333", "option --port"))
                .contains(new Settings.Entry("retryDelay", "8", "environment variable HOOKS_RETRYDELAY"))
                .contains(new Settings.Entry("executionHistory", "3", "file " + home.resolve("conf/hooks.yaml")))
                .contains(new Settings.Entry("retryError", "3", "default"));
    }

    @Test
    void dotsAndNestingSayTheSame() throws IOException {
        assertThat(load("http.port: 9000", Map.of(), Map.of()).get(Settings.HTTP_PORT))
                .isEqualTo(9000);
        assertThat(load("http:\n  port: 9000", Map.of(), Map.of()).get(Settings.HTTP_PORT))
                .isEqualTo(9000);
    }

    @Test
    void anUnknownKeyStopsTheStartAndIsAskedAbout() {
        assertThat(problemsOf("http:\n  prot: 9000", Map.of()))
                .singleElement()
                .satisfies(problem -> assertThat(problem.option() + " " + problem.message())
                        .contains("http.prot")
                        .contains("did you mean 'http.port'?")
                        .contains("hooks.yaml"));
    }

    @Test
    void everyMistakeIsToldInOneGoWithItsOrigin() {
        assertThat(problemsOf(
                        "http.port: 70000\nstore.type: postgres\nsink.http.allow: [10.0.0.0/33]\nnonsense: 1",
                        Map.of("HOOKS_RETRYDELAY", "soon")))
                .extracting(ConfigProblem::option)
                .containsExactlyInAnyOrder("http.port", "store.type", "sink.http.allow", "nonsense", "retryDelay");
    }

    @Test
    void anUnknownVariableIsAWarningSinceOrchestratorsSetSomeByThemselves() throws IOException {
        load("", Map.of("HOOKS_HTTP_PROT", "1", "HOOKS_SERVICE_HOST", "10.0.0.1", "HOOKS_HEAP", "1g"), Map.of());

        assertThat(warnings).hasSize(2).anySatisfy(w -> assertThat(w).contains("did you mean HOOKS_HTTP_PORT?"));
    }

    @Test
    void aListIsAListInYamlAndInTheEnvironment() throws IOException {
        assertThat(load("sink.http.allow: [10.0.0.0/8, 127.0.0.1/32]", Map.of(), Map.of())
                        .allowedNetworks())
                .extracting(Cidr::toString)
                .containsExactly("10.0.0.0/8", "127.0.0.1/32");
        assertThat(load("", Map.of("HOOKS_SINK_HTTP_ALLOW", "::1/128, 10.0.0.0/8"), Map.of())
                        .allowedNetworks())
                .containsExactly(Cidr.parse("::1/128"), Cidr.parse("10.0.0.0/8"));
    }

    @Test
    void relativePathsOfTheFileStartAtTheServiceAndThoseOfTheShellWhereTheShellIs() throws IOException {
        assertThat(load("", Map.of(), Map.of()).dataDir()).isEqualTo(home.resolve("data"));
        assertThat(load("data.dir: here/data", Map.of(), Map.of()).dataDir()).isEqualTo(home.resolve("here/data"));
        assertThat(load("", Map.of("HOOKS_DATA_DIR", "there"), Map.of()).dataDir())
                .isEqualTo(Path.of("there").toAbsolutePath());
    }

    @Test
    void aFileThatIsNoYamlAndOneThatIsNotThereAreToldByName() {
        assertThat(problemsOf("http: [", Map.of()).getFirst().message())
                .contains("hooks.yaml")
                .contains("no YAML");
        InvalidConfigException missing = catchThrowableOfType(
                InvalidConfigException.class,
                () -> new SettingsLoader(home, home, Map.of(), warnings::add)
                        .load(Optional.of(home.resolve("absent.yaml")), Map.of()));
        assertThat(missing.getMessage()).contains("absent.yaml");
    }

    @Test
    void defaultsOfTaskOptionsAreTakenUnderTheirPrefix() throws IOException {
        assertThat(load("defaults: {numbers: go}", Map.of(), Map.of()).defaults())
                .containsEntry("numbers", "go");
        assertThat(load("", Map.of("HOOKS_DEFAULTS_NUMBERS", "go"), Map.of()).defaults())
                .containsEntry("numbers", "go");
    }

    @Test
    void thePublicAddressFollowsHostAndPortUnlessItIsSet() throws IOException {
        assertThat(load("", Map.of(), Map.of()).urlPublic(8083)).hasToString("http://127.0.0.1:8083");
        assertThat(load("http.host: 0.0.0.0", Map.of(), Map.of()).urlPublic(80)).hasToString("http://localhost:80");
        assertThat(load("urlPublic: https://hooks.example.org/", Map.of(), Map.of())
                        .urlPublic(1))
                .hasToString("https://hooks.example.org");
        assertThat(problemsOf("urlPublic: hooks.example.org", Map.of()))
                .extracting(ConfigProblem::option)
                .containsExactly("urlPublic");
    }
}
