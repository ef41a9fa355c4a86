package org.cdshooks.plugin.gitpoller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.testkit.HookHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollerOptionsTest {
    @Test
    void itServesTheModelOfCds() {
        assertThat(new RepoPollerType().descriptor().name()).isEqualTo("RepoPoller");
        assertThat(new RepoPollerType().descriptor().models()).containsExactly("Git Repository Poller");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "provider=git|url|is required for the provider git",
                "provider=github|repository|is required for the provider github",
                "provider=gitea;repository=o/r|url|is required for the provider gitea",
                "provider=bitbucket-server;repository=P/r|url|is required for the provider bitbucket-server",
                "provider=cds|vcsServer|is required for the provider cds",
                "provider=svn|provider|must be one of [cds, git, github, gitlab, gitea, bitbucket-cloud",
                "provider=github;repository=r|repository|must be a full name such as owner/name",
                "provider=git;url=file:///etc|url|must be an http or https address",
                "provider=git;url=ssh://git:pw@h/r|url|must be an http or https address",
                "provider=git;url=https://me:secret@h/r|url|must be an http or https address",
                "provider=git;url=https://h/r;interval=1s|interval|must be from 5s to 7d",
                "provider=git;url=https://h/r;events=branches|events|must be of [branch.created,",
                "provider=git;url=https://h/r;events= ,|events|must be of [branch.created,",
                "provider=git;url=https://h/r;events=pullrequest|events|the provider git knows no pull requests",
                "provider=git;url=https://h/r;payload={|payload|is not JSON",
            })
    void aWrongOptionIsToldWithWhatIsRight(String options, String option, String message) {
        assertThat(problems(options))
                .singleElement()
                .satisfies(problem -> assertThat(problem.option()).isEqualTo(option))
                .satisfies(problem -> assertThat(problem.message()).startsWith(message));
    }

    @ParameterizedTest
    @CsvSource({
        "github,,https://api.github.com",
        "github,https://ghe.example.org/,https://ghe.example.org/api/v3",
        "github,https://ghe.example.org/api/v3,https://ghe.example.org/api/v3",
        "gitlab,,https://gitlab.com/api/v4",
        "gitlab,https://git.example.org,https://git.example.org/api/v4",
        "gitea,https://codeberg.org,https://codeberg.org/api/v1",
        "bitbucket-server,https://h/bitbucket,https://h/bitbucket/rest/api/1.0",
        "bitbucket-cloud,,https://api.bitbucket.org/2.0",
    })
    void theApiIsFoundFromTheAddressOfTheServer(String provider, String url, String api) {
        assertThat(Provider.of(provider).api(Optional.ofNullable(url))).isEqualTo(api);
    }

    private static List<ConfigProblem> problems(String options) {
        Map<String, String> all = new TreeMap<>();
        for (String option : options.split(";", -1)) {
            int equals = option.indexOf('=');
            all.put(option.substring(0, equals), option.substring(equals + 1));
        }
        return catchThrowableOfType(
                        InvalidConfigException.class,
                        () -> HookHarness.of(new RepoPollerType()).create(all))
                .problems();
    }
}
