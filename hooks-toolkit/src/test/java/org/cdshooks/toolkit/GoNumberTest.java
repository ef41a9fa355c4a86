package org.cdshooks.toolkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoNumberTest {

    /** The first block is what the original service sent, the second is what Go's own tests of strconv expect. */
    @ParameterizedTest
    @CsvSource({
        "999999,999999",
        "1000000,1e+06",
        "1234567,1.234567e+06",
        "123456.789,123456.789",
        "1234567.5,1.2345675e+06",
        "0.0001,0.0001",
        "0.00001,1e-05",
        "1.0,1",
        "-0,-0",
        "-0.0,-0",
        "9007199254740993,9.007199254740992e+15",
        "1e-400,0",
        "-1e-400,-0",
        "100,100",
        "-12.50,-12.5",
        "0.012,0.012",
        "1e3,1000",
        "1E5,100000",
        "0,0",
        "5e-324,5e-324",
        "1e-323,1e-323",
        "1.5e-323,1.5e-323",
        "2e-323,2e-323",
        "1e23,1e+23",
        "2.2250738585072014e-308,2.2250738585072014e-308",
        "1.7976931348623157e308,1.7976931348623157e+308",
        "498484681984085570,4.9848468198408557e+17",
        "5.8339553793802237e+23,5.8339553793802237e+23"
    })
    void numbersAreWrittenAsGoWritesThem(String written, String expected) {
        assertThat(GoNumber.format(written)).isEqualTo(expected);
    }

    @Test
    void theDigitsAreTheFewestThatGiveTheSameDouble() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            double number = Math.abs(Double.longBitsToDouble(random.nextLong()));
            if (i % 10 == 0) {
                number = Double.longBitsToDouble(random.nextInt(3_000)); // the smallest of all
            }
            if (number > 0 && number < Double.POSITIVE_INFINITY) {
                String written = GoNumber.format(number);

                assertThat(Double.parseDouble(written)).isEqualTo(number);
                assertThat(new BigDecimal(written)).isEqualByComparingTo(fewestDigits(number));
            }
        }
    }

    @Test
    void wholeNumbersAreWrittenAsTheirDoublesAre() {
        Random random = new Random(8);
        for (int i = 0; i < 10_000; i++) {
            long number = random.nextLong() >> random.nextInt(64);
            number -= i % 3 == 0 ? number % 1_000_000 : 0;

            assertThat(GoNumber.format(Long.toString(number))).isEqualTo(GoNumber.format((double) number));
        }
    }

    @Test
    void theRangeEndsWithTheLargestDouble() {
        String largest = new BigDecimal(Double.MAX_VALUE).toPlainString();
        String tooLarge = "17976931348623158" + "9".repeat(292);

        assertThat(largest).hasSameSizeAs(tooLarge);
        assertThat(GoNumber.isOutOfRange(largest)).isFalse();
        assertThat(GoNumber.isOutOfRange("-" + largest + ".9")).isFalse();
        assertThat(GoNumber.isOutOfRange(tooLarge)).isTrue();
        assertThat(GoNumber.isOutOfRange("-" + tooLarge + ".0")).isTrue();
        assertThat(GoNumber.isOutOfRange("9".repeat(308))).isFalse();
        assertThat(GoNumber.isOutOfRange("1" + "0".repeat(309))).isTrue();
        assertThat(GoNumber.isOutOfRange("1e308")).isFalse();
        assertThat(GoNumber.isOutOfRange("1E309")).isTrue();
        assertThat(GoNumber.isOutOfRange("0." + "0".repeat(400) + "1e500")).isFalse();
    }

    private static BigDecimal fewestDigits(double number) {
        BigDecimal all = new BigDecimal(number);
        int digits = 1;
        while (all.round(new MathContext(digits, RoundingMode.HALF_EVEN)).doubleValue() != number) {
            digits++;
        }
        return all.round(new MathContext(digits, RoundingMode.HALF_EVEN));
    }
}
