package org.cdshooks.runtime.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Payload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExpressionTest {
    private static final Subject PUSH = Subject.of(
            HookEvent.of(Map.of(
                    "git.branch", "release/1.2/fix",
                    "git.author", "Zoë",
                    "git.message", "one\ntwo: it's done",
                    "empty", "",
                    "and", "a word of the language",
                    "header", "no function",
                    "odd name$", "x",
                    "git.hash", "d6cd1e2bd19e03a81132a23b2025920577f84e37")),
            Payload.empty()
                    .withAttributes(Map.of("x-event", List.of("push"), "x-many", List.of("a", "b")))
                    .withAttribute(":method", "POST")
                    .withAttribute("Topic", "builds"));

    private static Expression read(String source) throws SyntaxException {
        return Expression.of(source, "X-Token"::equals);
    }

    /** Quotes of a line are of the table; within, the language's own are used. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // equals and differs, by case and whole
                "git.author == 'Zoë' | true",
                "git.author == \"Zoë\" | true",
                "git.author == 'zoë' | false",
                "git.author == 'Zo' | false",
                "git.author != 'zoë' | true",
                "git.author != 'Zoë' | false",
                "empty == '' | true",
                "`git.message == 'one\ntwo: it''s done'` | true",
                "git.author=='Zoë'and empty=='' | true",
                // what is not there
                "nothing == '' | false",
                "nothing != 'x' | true",
                "nothing glob '**' | false",
                "nothing matches '.*' | false",
                "nothing exists | false",
                "empty exists | true",
                "not nothing exists | true",
                // globs: whole, and a star ends at a slash
                "git.branch glob 'release/*' | false",
                "git.branch glob 'release/*/*' | true",
                "git.branch glob 'release/**' | true",
                "git.branch glob '**/fix' | true",
                "git.branch glob 'release/**/1.2/fix' | true",
                "git.branch glob 'release/1?2/f?x' | true",
                "git.branch glob 'release?1.2/fix' | false",
                "git.branch glob 'release/1+2/fix' | false",
                "git.branch glob 'release' | false",
                "git.message glob '**done' | true",
                // regular expressions: anywhere, a dot is any character
                "git.branch matches '1\\.\\d' | true",
                "git.branch matches '^1' | false",
                "git.branch matches '^release/[0-9.]+/' | true",
                "git.message matches 'one.two' | true",
                "git.message matches '(?m)^two' | true",
                "git.hash matches '^[0-9a-f]{40}$' | true",
                "git.author matches '^\\pL+$' | true",
                // and, or, not, parentheses
                "git.author == 'x' and empty exists or git.hash exists | true",
                "git.author == 'x' and (empty exists or git.hash exists) | false",
                "git.hash exists or git.author == 'x' and nothing exists | true",
                "not git.author == 'x' and empty exists | true",
                "not (git.author == 'Zoë' and empty exists) | false",
                "not not empty exists | true",
                "((empty exists)) | true",
                // headers, in any case; other attributes
                "header(X-Event) == 'push' | true",
                "header(x-event) != 'push' | false",
                "header('X-Event') exists | true",
                "header(X-Many) == 'a, b' | true",
                "header(:method) == 'POST' | true",
                "header(Topic) == 'builds' | true",
                "header(X-None) exists | false",
                // names that are words or odd
                "value(and) == 'a word of the language' | true",
                "value('odd name$') == 'x' | true",
                "header == 'no function' | true",
                "value exists | false",
            })
    void anExpressionHoldsOrNot(String source, boolean holds) throws Exception {
        assertThat(read(source).holds(PUSH)).isEqualTo(holds);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | column 1: a condition is expected here, such as git.branch == 'main', not the end",
                "git.branch | column 11: one of ==, !=, glob, matches, exists is expected after git.branch, not the end",
                "git.branch is 'x' | column 12: one of ==, !=, glob, matches, exists is expected after git.branch, not is",
                "git.branch == main | column 15: a text in quotes is expected after ==, such as 'main', not main",
                "git.branch == | column 14: a text in quotes is expected after ==, such as 'main', not the end",
                "git.branch = 'x' | column 12: write == for equals, matches for a regular expression",
                "a exists && b exists | column 10: write 'and' between conditions",
                "`a exists || b exists` | column 10: write 'or' between conditions",
                "!a exists | column 1: write 'not' for a negation, != for differs",
                "a exists b exists | column 10: 'and', 'or' or the end is expected here, not b",
                "a exists and | column 13: a condition is expected here, such as git.branch == 'main', not the end",
                "and a exists | column 1: a condition is expected here, such as git.branch == 'main', not and",
                "'a' == 'b' | column 1: a condition is expected here, such as git.branch == 'main', not the text 'a'",
                "(a exists | column 1: this ( is never closed",
                "(a exists b | column 11: 'and', 'or' or ) is expected here, not b",
                "a exists) | column 9: there is no ( for this )",
                "a == 'b | column 6: this text has no ' at its end",
                "a% exists | column 2: '%' can't stand here; a name with such characters is written value('…')",
                "header() exists | column 8: a name is expected here, not )",
                "header(x exists | column 10: ) is expected here, not exists",
                "`a exists and\n  (b == c)` | line 2, column 9: a text in quotes is expected after ==, such as 'main', not c",
                "header(X-Token) exists | column 8: header X-Token carries a credential, which is not kept: no condition can see it",
                "a matches '(' | column 11: the regular expression is wrong: missing closing ) (it is of RE2's syntax,"
                        + " which has no look-around and no back references)",
                "a matches 'x(?=y)' | column 11: the regular expression is wrong: invalid or unsupported Perl syntax (it is of"
                        + " RE2's syntax, which has no look-around and no back references)",
                "a glob '' | column 8: a pattern must have 1 to 500 characters",
            })
    void whatIsWrongIsToldWithItsPlace(String source, String problem) {
        assertThatThrownBy(() -> read(source))
                .isInstanceOf(SyntaxException.class)
                .hasMessage(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "git.author == 'x' | git.author == 'x' does not hold; git.author is 'Zoë'",
                "empty exists and nothing == 'x' | nothing == 'x' does not hold; there is no nothing",
                "empty exists and (git.author == 'x' or nothing exists)"
                        + " | git.author == 'x' or nothing exists does not hold",
                "not empty exists | not empty exists does not hold",
                "header(X-Event) == 'tag' | header(X-Event) == 'tag' does not hold; header(X-Event) is 'push'",
            })
    void whatDoesNotHoldNamesThePartToBlame(String source, String why) throws Exception {
        Expression expression = read(source);

        assertThat(expression.holds(PUSH)).isFalse();
        assertThat(expression.whyNot(PUSH)).isEqualTo(why);
    }

    @Test
    void lengthAndDepthAreBounded() throws Exception {
        String deepest = "(".repeat(Expression.MAX_DEPTH) + "empty exists" + ")".repeat(Expression.MAX_DEPTH);
        assertThat(read(deepest).holds(PUSH)).isTrue();
        assertThatThrownBy(() -> read("(" + deepest + ")"))
                .hasMessage("column 21: parentheses and 'not' are nested deeper than 20");
        assertThatThrownBy(() -> read("not ".repeat(900) + "empty exists")).hasMessageContaining("nested deeper");

        String longest = "empty exists" + " ".repeat(Expression.MAX_LENGTH - 12);
        assertThat(read(longest).holds(PUSH)).isTrue();
        assertThatThrownBy(() -> read(longest + " ")).hasMessage("has 4001 characters, and may have 4000 at most");
        assertThat(read("empty exists and ".repeat(200) + "empty exists").holds(PUSH))
                .as("a long chain is not deep")
                .isTrue();
    }

    /** The second ends a process that compiles it as it is. */
    @ParameterizedTest
    @ValueSource(strings = {"(a{100}){100}", "(((a{1000}){1000}){1000}){1000}", "a{1000}b{1000}c{999}d{999}"})
    void aPatternThatWouldTakeTooMuchIsRefused(String regex) {
        assertThatThrownBy(() -> read("a matches '" + regex + "'"))
                .hasMessageStartingWith("column 11: the regular expression is too large");
    }

    @Test
    void manyPatternsTogetherAreBoundedToo() {
        assertThatThrownBy(() -> read("a matches 'x{900}' or ".repeat(8) + "a exists"))
                .hasMessageContaining("together are too large");
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void whatDrivesOthersMadTakesTimeLinearInTheText() throws Exception {
        Subject bad = new Subject(Map.of("v", "a".repeat(LinearPattern.MAX_VALUE) + "!"), Map.of());

        assertThat(read("v matches '^(a+)+$' or v matches '^(a|aa)+$' or v matches '^(.*.*.*x){9}$'")
                        .holds(bad))
                .isEqualTo(true); // the first 65536 are all there is to it
        Subject worse = new Subject(Map.of("v", "a".repeat(60_000) + "!"), Map.of());
        assertThat(read("v matches '^(a+)+$' or v matches '^(a|aa)+$' or v matches '^(.*.*.*x){9}$'")
                        .holds(worse))
                .isFalse();
    }

    @Test
    void aThreadThatIsToldToStopStops() throws Exception {
        Expression expression = read("empty exists");
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> expression.holds(PUSH)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }
}
