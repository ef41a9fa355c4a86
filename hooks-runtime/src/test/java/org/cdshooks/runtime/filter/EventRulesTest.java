package org.cdshooks.runtime.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Payload;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EventRulesTest {
    private static final ConfigDef DEFINITION = ConfigDef.of(EventRules.OPTIONS.toArray(ConfigOption<?>[]::new));
    private static final Payload REQUEST = Payload.empty().withAttribute("x-event", "push");

    private static EventRules read(List<ConfigProblem> problems, String... config) {
        return EventRules.read(DEFINITION.parse(values(config)), "X-Token"::equals, problems);
    }

    private static EventRules rules(String... config) {
        List<ConfigProblem> problems = new ArrayList<>();
        EventRules rules = read(problems, config);
        assertThat(problems).isEmpty();
        return rules;
    }

    private static Map<String, String> values(String... namesAndValues) {
        Map<String, String> values = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return values;
    }

    private static HookEvent event(String... namesAndValues) {
        return HookEvent.of(values(namesAndValues));
    }

    private static String told(EventRules rules, HookEvent event) throws InterruptedException {
        return switch (rules.judge(event, REQUEST)) {
            case Verdict.Passed _ -> "";
            case Verdict.Stopped stopped -> stopped.told();
        };
    }

    private static Map<String, String> mapped(EventRules rules, HookEvent event) throws InterruptedException {
        return switch (rules.judge(event, REQUEST)) {
            case Verdict.Passed passed -> passed.event().values();
            case Verdict.Stopped stopped -> throw new AssertionError(stopped);
        };
    }

    private static String problem(String... config) {
        List<ConfigProblem> problems = new ArrayList<>();
        EventRules rules = read(problems, config);
        assertThat(problems).as("problems").hasSize(1);
        assertThat(rules.isNone()).isTrue();
        return problems.getFirst().option() + ": " + problems.getFirst().message();
    }

    // ------------------------------------------------------------------------------------------------ branches

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "main | main | ''",
                "main | Main | filter.branches: branch 'Main' matches none of main",
                "main, release/* | release/1 | ''",
                "main, release/* | release/1/x | filter.branches: branch 'release/1/x' matches none of main, release/*",
                "release/**, !release/old/** | release/new/1 | ''",
                "release/**, !release/old/** | release/old/1 "
                        + "| filter.branches: branch 'release/old/1' is excluded by !release/old/**",
                "!release/old/**, release/** | release/old/1 | ''",
                "!wip/** | main | ''",
                "!wip/** | wip/x | filter.branches: branch 'wip/x' is excluded by !wip/**",
            })
    void theLastPatternThatMatchesABranchDecides(String globs, String branch, String told) throws Exception {
        assertThat(told(rules("filter.branches", globs), event("git.branch", branch)))
                .isEqualTo(told);
    }

    @Test
    void anEventWithoutABranchPassesOnlyWhatExcludes() throws Exception {
        HookEvent tag = event("git.tag", "v1");

        assertThat(told(rules("filter.branches", "main"), tag))
                .isEqualTo("filter.branches: the event has no git.branch");
        assertThat(told(rules("filter.branches", "!main"), tag)).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ paths

    @Test
    void onePathIsEnoughAndNoneIsNoReason() throws Exception {
        EventRules rules = rules("filter.paths", "src/**, !**/*.md");

        assertThat(told(rules, event("git.paths", "docs/a.txt\nsrc/A.java\n"))).isEmpty();
        assertThat(told(rules, event("git.paths", "docs/a.txt\nsrc/a.md\n")))
                .isEqualTo("filter.paths: none of 2 paths is taken; the first, 'docs/a.txt', matches none of src/**, "
                        + "!**/*.md");
        assertThat(told(rules, event("git.paths", "README.md")))
                .isEqualTo("filter.paths: path 'README.md' is excluded by !**/*.md");
        assertThat(told(rules, event("git.branch", "main"))).isEmpty();
        assertThat(told(rules, event("git.paths", ""))).isEmpty();
    }

    @Test
    void pathsAreWhereATaskSaysThatTheyAre() throws Exception {
        EventRules rules =
                rules("filter.paths", "src/**", "filter.paths.in", "commits.*.added.*, commits.*.modified.*");

        assertThat(told(rules, event("commits.commits0.added.added0", "src/a", "git.paths", "x")))
                .isEmpty();
        assertThat(told(rules, event("commits.commits0.modified.modified0", "docs/a", "git.paths", "src/a")))
                .isEqualTo("filter.paths: path 'docs/a' matches none of src/**");
    }

    // ------------------------------------------------------------------------------------------------ skip ci

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Mend it [skip ci] | filter.skipCi: git.message has [skip ci] in it",
                "[CI Skip] Mend it | filter.skipCi: git.message has [ci skip] in it",
                "skip ci | ''",
            })
    void aMessageMayAskForSilence(String message, String told) throws Exception {
        assertThat(told(rules("filter.skipCi", "true"), event("git.message", message)))
                .isEqualTo(told);
        assertThat(rules("filter.skipCi", "false").isNone()).isTrue();
    }

    // ------------------------------------------------------------------------------------------------ mapping

    @Test
    void valuesAreDroppedRenamedAndSet() throws Exception {
        EventRules rules = rules(
                "map.drop", "*, !git.*",
                "map.rename.payload.id", "id",
                "map.set.ref", "{git.branch}@{git.hash}",
                "map.set.kind", "{header(X-Event)}/{value(payload.id)}{none}",
                "map.set.constant", "{{x}}");

        assertThat(mapped(rules, event("git.branch", "main", "git.hash", "1", "payload.id", "7", "other", "x")))
                .isEqualTo(values(
                        "git.branch", "main",
                        "git.hash", "1",
                        "id", "7",
                        "ref", "main@1",
                        "kind", "push/7",
                        "constant", "{x}"));
    }

    @Test
    void allPartsOfAMappingReadTheEventAsItWas() throws Exception {
        EventRules rules = rules("map.rename.a", "b", "map.rename.b", "a", "map.set.c", "{a}{c}", "map.drop", "c");

        assertThat(mapped(rules, event("a", "1", "b", "2", "c", "3"))).isEqualTo(values("a", "2", "b", "1", "c", "13"));
        assertThat(mapped(rules, event("a", "1"))).isEqualTo(values("b", "1", "c", "1"));
    }

    @Test
    void filtersSeeTheEventBeforeItIsMapped() throws Exception {
        EventRules rules = rules("filter", "a == '1'", "map.set.a", "2");

        assertThat(mapped(rules, event("a", "1"))).isEqualTo(values("a", "2"));
        assertThat(told(rules, event("a", "2"))).isEqualTo("filter: a == '1' does not hold; a is '2'");
    }

    @Test
    void whatATemplateMakesIsBounded() throws Exception {
        EventRules rules = rules("map.set.b", "{a}".repeat(1000));

        assertThat(mapped(rules, event("a", "😀".repeat(1001))).get("b")).hasSize(Template.MAX_RESULT);
        assertThat(mapped(rules, event("a", "x" + "😀".repeat(40_000))).get("b"))
                .hasSize(Template.MAX_RESULT - 1)
                .endsWith("😀");
    }

    // ------------------------------------------------------------------------------------------------ what is wrong

    @Test
    void whatIsWrongNamesTheOptionAndTheWayOut() {
        assertThat(problem("filter", "git.branch = 'x'"))
                .isEqualTo("filter: column 12: write == for equals, matches for a regular expression");
        assertThat(problem("filter.branches", " , "))
                .isEqualTo("filter.branches: has no pattern: write some with commas between, such as main, release/**");
        assertThat(problem("filter.paths", "a,".repeat(101))).isEqualTo("filter.paths: has more than 100 patterns");
        assertThat(problem("filter.branch", "main"))
                .isEqualTo("filter.branch: is no option; those of filters and mapping are filter, filter.branches, "
                        + "filter.paths, filter.paths.in, filter.skipCi, map.drop, map.set.<name> and map.rename.<name>; "
                        + "did you mean 'filter.branches'?");
        assertThat(problem("map.add.x", "y")).startsWith("map.add.x: is no option; those of filters and mapping");
        assertThat(problem("map.set.", "y")).isEqualTo("map.set.: has no name of a value behind the last dot");
        assertThat(problem("map.rename.a", " "))
                .isEqualTo("map.rename.a: must be the new name of the value, of 1 to 255 characters");
        assertThat(problem("map.set.a", "{\"b\":1}"))
                .isEqualTo("map.set.a: column 2: '\"b\":1' is no name of a value, such as {git.branch} or "
                        + "{header(Name)}; write {{ and }} for braces");
        assertThat(problem("map.set.a", "{b"))
                .isEqualTo("map.set.a: column 1: this { is never closed; write {{ for a brace");
        assertThat(problem("map.set.a", "b}"))
                .isEqualTo("map.set.a: column 2: there is no { for this }; write }} for a brace");
        assertThat(problem("map.set.a", "{header(X-Token)}"))
                .isEqualTo("map.set.a: column 2: header X-Token carries a credential, which is not kept");
    }

    @Test
    void twoValuesCannotHaveOneName() {
        List<ConfigProblem> problems = new ArrayList<>();
        read(problems, "map.rename.a", "c", "map.rename.b", "c");

        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst().message()).isEqualTo("another value is named 'c' as well");
    }

    @Test
    void aMappingHasABoundedNumberOfParts() {
        List<ConfigProblem> problems = new ArrayList<>();
        String[] config = new String[202];
        for (int i = 0; i < 101; i++) {
            config[2 * i] = "map.set.n" + i;
            config[2 * i + 1] = "x";
        }
        read(problems, config);

        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst().message()).isEqualTo("is one too many: there may be 100");
    }
}
