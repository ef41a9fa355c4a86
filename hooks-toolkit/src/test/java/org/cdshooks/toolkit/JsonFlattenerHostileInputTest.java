package org.cdshooks.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each of these texts once cost somebody a service. The timeouts are far above what is needed, for slow machines. */
@Timeout(20)
class JsonFlattenerHostileInputTest {
    private static final JsonFlattener FLATTENER = JsonFlattener.with(Numbers.EXACT);

    @Test
    void deepNestingIsTold() {
        for (String open : new String[] {"[", "{\"a\":", "{\"\":", "[{\"a\":"}) {
            String close = open.startsWith("[") ? (open.length() == 1 ? "]" : "}]") : "}";
            FlatJson flat = FLATTENER.flatten(open.repeat(100_000) + "1" + close.repeat(100_000));

            assertThat(flat.values()).isEmpty();
            assertThat(flat.truncated()).isTrue();
            assertThat(flat.problem()).contains("is nested more than 1000 levels deep");
        }
    }

    @Test
    void nestingUpToTheLimitIsFlattened() {
        int depth = JsonFlattener.MAX_DEPTH;
        String json = "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);

        assertThat(FLATTENER.flatten(json).values()).containsExactly(entry("a" + ".a".repeat(depth - 1), "1"));
        assertThat(FLATTENER.flatten("{\"a\":" + json + "}").truncated()).isTrue();
    }

    @Test
    void pathsThatGrowWithTheSquareOfTheDepthAreCutOff() {
        int depth = JsonFlattener.MAX_DEPTH - 1;
        String json = "[7," + "[".repeat(depth) + "1,".repeat(10_000) + "1" + "]".repeat(depth) + ",8]";
        FlatJson flat = FLATTENER.flatten(json);

        assertThat(flat.values()).containsExactly(entry("0", "7"), entry("2", "8"));
        assertThat(flat.truncated()).isTrue();
        assertThat(flat.problem()).contains("has a path of more than 4096 characters");
    }

    @Test
    void allPathsTogetherAreBounded() {
        String json = "{\"" + "k".repeat(4_000) + "\":{" + members(9_000, i -> "m" + i) + "}}";
        FlatJson flat = FLATTENER.flatten(json);

        assertThat(flat.truncated()).isTrue();
        assertThat(flat.values().keySet().stream().mapToInt(String::length).sum())
                .isBetween(4_000_000, JsonFlattener.MAX_PATHS);
    }

    @Test
    void aNumberMayHaveAMillionDigits() {
        assertThat(FLATTENER.flatten("{\"a\":" + "9".repeat(1_000_000) + "}").problem())
                .contains("holds a number beyond the range of a 64-bit double");
        assertThat(FLATTENER.flatten("[0." + "1".repeat(1_000_000) + "]").values())
                .containsExactly(entry("0", "0.1111111111111111"));
        assertThat(FLATTENER.flatten("[1e" + "9".repeat(1_000_000) + "]").values())
                .isEmpty();
        assertThat(FLATTENER.flatten("[1e-" + "9".repeat(1_000_000) + "]").values())
                .containsExactly(entry("0", "0"));
    }

    @Test
    void ofAMillionKeysTheFirstTenThousandAreKept() {
        FlatJson flat = FLATTENER.flatten("{" + members(1_000_000, i -> "k" + i) + "}");

        assertThat(flat.values()).hasSize(JsonFlattener.MAX_VALUES).containsKeys("k0", "k9999");
        assertThat(flat.truncated()).isTrue();
        assertThat(flat.problem()).contains("has more than 10000 values");
    }

    @Test
    void exactlyAsManyValuesAsAllowedAreNoProblem() {
        FlatJson flat = FLATTENER.flatten("{" + members(JsonFlattener.MAX_VALUES, i -> "k" + i) + "}");

        assertThat(flat.values()).hasSize(JsonFlattener.MAX_VALUES);
        assertThat(flat.truncated()).isFalse();
    }

    @Test
    void namesWithoutValuesAreBoundedToo() {
        FlatJson flat = FLATTENER.flatten(IntStream.range(0, 1_000_000)
                .mapToObj(i -> "\"k" + i + "\":[]")
                .collect(Collectors.joining(",", "{\"first\":1,", "}")));

        assertThat(flat.values()).containsExactly(entry("first", "1"));
        assertThat(flat.problem()).contains("has more than 200000 names, values and brackets");
    }

    @Test
    void keysOfEqualHashCostNoMoreThanOthers() {
        String[] blocks = {"Aa", "BB"};
        String json = IntStream.range(0, 1 << 17)
                .mapToObj(i -> IntStream.range(0, 17)
                        .mapToObj(bit -> blocks[(i >> bit) & 1])
                        .collect(Collectors.joining("", "\"", "\":{}")))
                .collect(Collectors.joining(",", "{", "}"));

        assertThat(FLATTENER.flatten(json).problem()).isPresent();
        assertThat(FLATTENER.flatten(json.replace("{}", "1")).values()).isNotEmpty();
    }

    @Test
    void aMemberThatComesAMillionTimesIsBounded() {
        FlatJson flat = FLATTENER.flatten("{" + members(1_000_000, i -> "k") + "}");

        assertThat(flat.values()).containsExactly(entry("k", "9999"));
        assertThat(flat.truncated()).isTrue();
    }

    @Test
    void aNameOfAMillionCharactersLosesItsValueAlone() {
        FlatJson flat = FLATTENER.flatten("{\"a\":1,\"" + "n".repeat(1_000_000) + "\":{\"x\":[2]},\"b\":3}");

        assertThat(flat.values()).containsExactly(entry("a", "1"), entry("b", "3"));
        assertThat(flat.truncated()).isTrue();
    }

    @Test
    void aMillionLoneSurrogatesAreReplacedInOneGo() {
        assertThat(FLATTENER
                        .flatten("[\"" + "\\ud800".repeat(1_000_000) + "\"]")
                        .values())
                .containsExactly(entry("0", "\uFFFD".repeat(1_000_000)));
    }

    @Test
    void stringsWithinStringsAreOpenedSixteenTimes() {
        String json = "[1]";
        for (int i = 0; i < 40; i++) { // each level costs five characters: no growth by doubling stops this
            json = "[\"" + json.replace("\\", "\\u005c").replace("\"", "\\u0022") + "\"]";
        }
        FlatJson flat = FLATTENER.parsingStrings().flatten(json);

        assertThat(flat.values()).hasSize(1);
        assertThat(flat.values().values()).allSatisfy(value -> assertThat(value).startsWith("[\""));
        assertThat(flat.problem()).isEmpty();
    }

    @Test
    void aStringNestedTooDeeplyStaysAString() {
        String deep = "[".repeat(1_000) + "]".repeat(1_000);

        assertThat(FLATTENER
                        .parsingStrings()
                        .flatten("{\"a\":\"" + deep + "\"}")
                        .values())
                .containsExactly(entry("a", deep));
    }

    @Test
    void randomTextNeverThrows() {
        Random random = new Random(20_240_229);
        String alphabet = "{}[]\",:\\u0018eE+-. \n\tnulltruefalse\uFEFF\uD800\uDC00\0é";
        for (int i = 0; i < 20_000; i++) {
            String text = random.ints(random.nextInt(40), 0, alphabet.length())
                    .mapToObj(at -> String.valueOf(alphabet.charAt(at)))
                    .collect(Collectors.joining());
            assertThat(FLATTENER.parsingStrings().flattenAny(text).values()).isNotNull();
            assertThat(FLATTENER.flatten("{\"a\":" + text + "}").values()).isNotNull();
        }
    }

    private static String members(int count, IntFunction<String> name) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + name.apply(i) + "\":" + i)
                .collect(Collectors.joining(","));
    }
}
