package org.cdshooks.runtime.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CleanTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"password\":\"HUSH\\\"HUSH\"}",
                "{\"access_token\": \"HUSH\"}",
                "{\\\"client_secret\\\":\\\"HUSH\\\"}",
                "api-key=HUSH&x=1",
                "Authorization: Bearer HUSHHUSH",
                "Authorization: Basic SFVTSEhVU0g=HUSH",
                "bearer HUSHHUSH",
                "https://joe:HUSH@example.com/",
                "Set-Cookie: HUSH; Path=/",
                "X-Secret-Token = 'HUSH HUSH'",
                "ghp_HUSHHUSHHUSHHUSH",
                "glpat-HUSHHUSHHUSH",
                "xoxb-123-HUSHHUSH",
                "eyJhbGciOiJIUzI1NiJ9.eyJHUSHHUSH.HUSHHUSH",
                "-----BEGIN RSA PRIVATE KEY-----\nHUSH\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nHUSH"
            })
    void masksWhatLooksLikeACredential(String text) {
        assertThat(CleanText.clean("before " + text, List.of()))
                .startsWith("before ")
                .contains("**********")
                .doesNotContain("HUSH");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"id\":7,\"status\":\"queued\"}", "ok", "run #12 of project A", "Grüße 😀", "basic checks pass"
            })
    void leavesOtherTextAsItIs(String text) {
        assertThat(CleanText.clean(text, List.of())).isEqualTo(text);
    }

    @Test
    void takesOutWhatSteersATerminalAndLines() {
        assertThat(CleanText.clean("a\r\nb\tc\u001b[1m\u009b\u202e\u2028d", List.of()))
                .isEqualTo("a  b c\ufffd[1m\ufffd\ufffd\ufffdd");
    }

    @Test
    void cutsBetweenCharacters() {
        for (int max = 4; max < 40; max++) {
            String cut = CleanText.cut("aé😀".repeat(10), max);
            assertThat(cut.getBytes(UTF_8).length).isBetween(max - 3, max);
            assertThat(cut).endsWith("…").doesNotContain("\ufffd").doesNotContain("?");
        }
        assertThat(CleanText.cut("abc", 3)).isEqualTo("abc");
    }

    @Test
    void hostileTextTakesNoTime() {
        Random random = new Random(7);
        String[] bits = {
            "token",
            "\"",
            "\\",
            "=",
            ":",
            " ",
            "Bearer",
            "://",
            "@",
            "eyJaaaaaaaa",
            ".",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "-",
            "password"
        };
        long begin = System.nanoTime();
        for (int i = 0; i < 200; i++) {
            StringBuilder text = new StringBuilder();
            String one = bits[random.nextInt(bits.length)];
            String two = bits[random.nextInt(bits.length)];
            while (text.length() < 8192) {
                text.append(one).append(two).append(i % 2 == 0 ? "" : bits[random.nextInt(bits.length)]);
            }
            CleanText.of(text.toString().getBytes(UTF_8), UTF_8, 4096, List.of());
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }
}
