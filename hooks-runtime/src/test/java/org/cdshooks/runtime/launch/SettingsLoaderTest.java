package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
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
    void theKeysOfSecretsComeFromTheEnvironmentOrAFileAndAreNeverShown() throws IOException {
        String key = Base64.getEncoder().encodeToString(new byte[32]);
        Settings fromEnvironment = load("", Map.of("HOOKS_SECRETS_KEY", key), Map.of());
        assertThat(fromEnvironment.secretsKeys()).containsExactly(new byte[32]);
        assertThat(fromEnvironment.entries().toString()).doesNotContain(key);

        Path file = Files.writeString(home.resolve("keys"), key + "\n" + "00".repeat(32) + "\n");
        assertThat(load("secrets.keyFile: " + file, Map.of(), Map.of()).secretsKeys())
                .hasSize(2);
        Settings both = load("secrets.keyFile: " + file, Map.of("HOOKS_SECRETS_KEY", key), Map.of());
        assertThatThrownBy(both::secretsKeys).hasMessageContaining("one of them must go");
        assertThatThrownBy(() -> load("secrets.keyFile: " + home.resolve("none"), Map.of(), Map.of())
                        .secretsKeys())
                .hasMessageContaining("can't be read");
        assertThat(problemsOf("secrets.key: short", Map.of())).singleElement().satisfies(problem -> {
            assertThat(problem.option()).isEqualTo("secrets.key");
            assertThat(problem.message()).contains("32 bytes").doesNotContain("short");
        });
        assertThat(load("", Map.of(), Map.of()).secretsKeys()).isEmpty();
    }

    @Test
    void aKeyThatTheFileGivesTwiceIsAProblem() {
        assertThat(problemsOf("http.port: 1111\nhttp: {port: 2222}", Map.of()))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.option()).isEqualTo("http.port");
                    assertThat(problem.message()).contains("twice", "one of them must go", "hooks.yaml");
                });
    }

    @Test
    void aDefaultOfTasksIsNotShownBeforeThePluginsTellThatItIsNoSecret() throws IOException {
        Settings settings = load("defaults.sink.secret: hush-hush", Map.of(), Map.of());

        assertThat(settings.entries().toString()).doesNotContain("hush-hush").contains("defaults.sink.secret");
        assertThat(settings.defaults()).containsEntry("sink.secret", "hush-hush");
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

    @Test
    void aSwitchOfCdsThatIsOffIsNoAdvice() throws IOException {
        for (String off : List.of("false", "FALSE", "0", "")) {
            var _ = load("disable: false", Map.of("CDS_HOOKS_DISABLE", off), Map.of());
            assertThat(warnings).as("'%s'", off).isEmpty();
        }
        var _ = load("", Map.of("CDS_HOOKS_DISABLE", "true"), Map.of());
        assertThat(warnings)
                .singleElement()
                .satisfies(
                        warning -> assertThat(warning).contains("CDS_HOOKS_DISABLE has no counterpart", "maintenance"));
    }

    @Test
    void anAddressThatOnlyThisMachineReachesIsTold() throws IOException {
        assertThat(load("http: {host: 0.0.0.0}", Map.of(), Map.of()).unreachable(8083))
                .hasValueSatisfying(words -> assertThat(words)
                        .contains("urlPublic is not set", "http://localhost:8083")
                        .doesNotContain("0.0.0.0", "CDS API"));
        assertThat(load("http: {host: '::'}\ncds: {api: {url: 'http://api:8081', token: t}}", Map.of(), Map.of())
                        .unreachable(8083))
                .hasValueSatisfying(words -> assertThat(words).contains("the CDS API is told", "cds.url"));
        assertThat(load("http: {host: 0.0.0.0}\nurlPublic: https://hooks.example.org", Map.of(), Map.of())
                        .unreachable(8083))
                .isEmpty();
        assertThat(load("", Map.of(), Map.of()).unreachable(8083)).isEmpty();
    }

    @Test
    void theKeysOfCdsAreUnderstoodInTheFile() throws IOException {
        Settings settings = load(
                "URL: http://10.0.0.5:8083\n"
                        + "urlPublic: https://hooks.example.org\n"
                        + "http: {addr: 10.0.0.5, port: 8084}\n"
                        + "api: {http: {url: 'http://10.0.0.1:8081'}, token: abc}\n"
                        + "cache: {redis: {host: 'm@s1:26379'}}\n"
                        + "disable: true",
                Map.of(),
                Map.of());

        assertThat(settings.entries())
                .extracting(entry -> entry.key() + "=" + entry.value())
                .contains(
                        "cds.url=http://10.0.0.5:8083",
                        "urlPublic=https://hooks.example.org",
                        "http.host=10.0.0.5",
                        "http.port=8084",
                        "cds.api.url=http://10.0.0.1:8081",
                        "cds.api.token=**********",
                        "store.type=redis",
                        "store.redis.url=m@s1:26379");
        assertThat(warnings)
                .singleElement()
                .satisfies(warning -> assertThat(warning)
                        .contains("disable has no counterpart")
                        .contains("hooks.yaml"));
    }

    @Test
    void theVariablesOfCdsAreStrongerThanTheFileAndWeakerThanOurs() throws IOException {
        Settings settings = load(
                "retryDelay: 5\nretryError: 5\nexecutionHistory: 5",
                Map.of(
                        "CDS_HOOKS_RETRYDELAY", "6",
                        "CDS_HOOKS_RETRYERROR", "6",
                        "HOOKS_RETRYERROR", "7",
                        "CDS_HOOKS_CACHE_REDIS_HOST", "10.0.0.9:6379",
                        "CDS_HOOKS_CACHE_TTL", "60",
                        "CDS_HOOKS_NONSENSE", "1"),
                Map.of());

        assertThat(settings.entries())
                .contains(new Settings.Entry("retryDelay", "6", "environment variable CDS_HOOKS_RETRYDELAY"))
                .contains(new Settings.Entry("retryError", "7", "environment variable HOOKS_RETRYERROR"))
                .contains(new Settings.Entry(
                        "store.redis.url", "10.0.0.9:6379", "environment variable CDS_HOOKS_CACHE_REDIS_HOST"))
                .contains(new Settings.Entry("store.type", "redis", "environment variable CDS_HOOKS_CACHE_REDIS_HOST"));
        assertThat(warnings)
                .anySatisfy(warning -> assertThat(warning).contains("CDS_HOOKS_CACHE_TTL has never had an effect"))
                .anySatisfy(warning -> assertThat(warning).contains("CDS_HOOKS_NONSENSE is none that CDS's"))
                .hasSize(2);
    }

    @Test
    void oneKeyUnderTwoNamesWithTwoValuesIsRefused() {
        assertThat(problemsOf("http.host: 10.0.0.1\nhttp.addr: 10.0.0.2", Map.of()))
                .singleElement()
                .satisfies(problem -> assertThat(problem.option() + " " + problem.message())
                        .contains("http.addr and http.host are the same key with two values"));
    }

    @Test
    void everyKeyOfCdsMeansOneThatThereIs() {
        assertThat(CdsKeys.all().values().stream()
                        .filter(CdsKeys.Meaning.Ours.class::isInstance)
                        .map(meaning -> ((CdsKeys.Meaning.Ours) meaning).key()))
                .isNotEmpty()
                .allSatisfy(key ->
                        assertThat(Settings.KEYS).extracting(SettingKey::name).contains(key));
    }
}
