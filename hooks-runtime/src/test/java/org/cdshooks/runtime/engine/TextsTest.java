package org.cdshooks.runtime.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TextsTest {
    @Test
    void shortTextsStayAsTheyAre() {
        assertThat(Texts.cut("ok")).isEqualTo("ok");
        assertThat(Texts.cut("x".repeat(4096))).hasSize(4096);
    }

    @Test
    void longTextsAreCutBetweenCharacters() {
        for (String letter : new String[] {"x", "é", "漢", "😀"}) {
            for (int shift = 0; shift < 4; shift++) {
                String cut = Texts.cut("x".repeat(shift) + letter.repeat(5000));

                assertThat(cut.getBytes(UTF_8).length).isBetween(4093, 4096);
                assertThat(cut).doesNotContain("\uFFFD").endsWith(letter);
            }
        }
    }

    @Test
    void durationsAreSaidAsPeopleDo() {
        assertThat(Texts.of(Duration.ofMillis(500))).isEqualTo("500ms");
        assertThat(Texts.of(Duration.ofSeconds(90))).isEqualTo("1m30s");
    }
}
