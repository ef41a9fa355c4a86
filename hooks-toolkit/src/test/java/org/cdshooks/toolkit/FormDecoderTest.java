package org.cdshooks.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormDecoderTest {

    @Test
    void theFirstValueOfANameWins() {
        assertThat(FormDecoder.decode("a=1&b=2&a=3").values()).containsExactly(entry("a", "1"), entry("b", "2"));
    }

    @Test
    void namesAndValuesMayBeEmptyAndSoMayParameters() {
        assertThat(FormDecoder.decode("&&a=&b&=v&&").values())
                .containsExactly(entry("a", ""), entry("b", ""), entry("", "v"));
        assertThat(FormDecoder.decode("").values()).isEmpty();
        assertThat(FormDecoder.decode("=").values()).containsExactly(entry("", ""));
    }

    @Test
    void onlyTheFirstEqualsSignParts() {
        assertThat(FormDecoder.decode("a=b=c").values()).containsExactly(entry("a", "b=c"));
    }

    @Test
    void escapesAreUtf8AndAPlusIsASpace() {
        assertThat(FormDecoder.decode("My+Key=%C3%a9t%C3%A9+%2B%26%3b&ü=ö%20").values())
                .containsExactly(entry("My Key", "été +&;"), entry("ü", "ö "));
    }

    @Test
    void whatIsNoUtf8BecomesTheReplacementCharacter() {
        assertThat(FormDecoder.decode("a=x%FFy").values()).containsExactly(entry("a", "x\uFFFDy"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%zz", "%zz", "a=%", "a=%4", "a=1&b=%4g", "%é1=1", "a=%+1"})
    void aBadEscapeMakesAllUnusable(String text) {
        FormParameters parameters = FormDecoder.decode(text);

        assertThat(parameters.values()).isEmpty();
        assertThat(parameters.problem().orElseThrow()).startsWith("has the invalid escape '%");
    }

    @Test
    void aProblemRepeatsTheEscapeAndNothingElse() {
        assertThat(FormDecoder.decode("token=s3cret%zzmore").problem())
                .contains("has the invalid escape '%zz'; write '%25' for a percent sign");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=1;b=2", ";", "a=1&b;"})
    void aSemicolonMakesAllUnusable(String text) {
        FormParameters parameters = FormDecoder.decode(text);

        assertThat(parameters.values()).isEmpty();
        assertThat(parameters.problem().orElseThrow()).contains("';'");
    }

    @Test
    void ofTooManyParametersTheFirstThousandAreKept() {
        String text =
                IntStream.range(0, 100_000).mapToObj(i -> "k" + i + "=" + i).collect(Collectors.joining("&"));

        assertThat(FormDecoder.decode(text).values()).hasSize(1_000).containsKey("k999");
        assertThat(FormDecoder.decode(text).truncated()).isTrue();
        assertThat(FormDecoder.decode("a=1" + "&a=2".repeat(999)).truncated()).isFalse();
        assertThat(FormDecoder.decode("a=1" + "&a=2".repeat(1_000)))
                .satisfies(many -> assertThat(many.values()).containsExactly(entry("a", "1")))
                .satisfies(many -> assertThat(many.truncated()).isTrue());
    }

    @Test
    void randomTextIsDecodedAsTheJdkDoesOrRefused() {
        Random random = new Random(11);
        String alphabet = "%%%09afAFgz+ éx\uD83D\uDE00";
        for (int i = 0; i < 20_000; i++) {
            String text = random.ints(random.nextInt(12), 0, alphabet.length())
                    .mapToObj(at -> String.valueOf(alphabet.charAt(at)))
                    .collect(Collectors.joining());
            FormParameters parameters = FormDecoder.decode("v=" + text);
            if (parameters.problem().isEmpty() && text.chars().noneMatch(c -> c > 0x7F)) {
                assertThat(parameters.values())
                        .containsExactly(entry("v", URLDecoder.decode(text, StandardCharsets.UTF_8)));
            }
            String whole = URLEncoder.encode(text, StandardCharsets.UTF_8);
            assertThat(FormDecoder.decode(whole + "=" + whole).values())
                    .containsExactly(entry(
                            URLDecoder.decode(whole, StandardCharsets.UTF_8),
                            URLDecoder.decode(whole, StandardCharsets.UTF_8)));
        }
    }
}
