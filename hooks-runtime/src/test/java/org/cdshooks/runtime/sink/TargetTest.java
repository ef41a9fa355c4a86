package org.cdshooks.runtime.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "http://example.com, http, example.com, 80, /",
        "HTTPS://EXAMPLE.com./a?b=c, https, example.com, 443, /a?b=c",
        "https://example.com:8443?q, https, example.com, 8443, /?q",
        "http://my_service:/x, http, my_service, 80, /x",
        "http://0x7f.1/, http, 127.0.0.1, 80, /",
        "http://2130706433/, http, 127.0.0.1, 80, /",
        "http://017700000001/, http, 127.0.0.1, 80, /",
        "http://127.1./, http, 127.0.0.1, 80, /",
        "http://0177.0.0.0x1/, http, 127.0.0.1, 80, /",
        "http://0/, http, 0.0.0.0, 80, /",
        "http://[::ffff:127.0.0.1]/, http, 127.0.0.1, 80, /",
        "http://[0:0::1]:81/, http, 0:0:0:0:0:0:0:1, 81, /",
        "http://example.com/ü, http, example.com, 80, /%C3%BC"
    })
    void takesAnAddressApart(String url, String scheme, String host, int port, String path) {
        Target target = Target.parse(url);
        assertThat(target)
                .extracting(Target::scheme, Target::host, Target::port, Target::path)
                .containsExactly(scheme, host, port, path);
    }

    @Test
    void showsNeitherPathNorQuery() {
        assertThat(Target.parse("https://example.com/secret?token=x")).hasToString("https://example.com:443");
    }

    /** The seed is in the message, so that a failure can be had again. */
    @Test
    void noSpellingOfAPrivateAddressGetsPast() {
        AddressGate gate = new AddressGate(List.of());
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = {127, (byte) random.nextInt(), (byte) random.nextInt(), (byte) random.nextInt()};
            if (random.nextBoolean()) {
                bytes[0] = 10;
            }
            String url = "http://" + spelled(bytes, random) + (random.nextBoolean() ? "/" : ":8080/x");
            InetAddress read = Target.parse(url).literal().orElseThrow(() -> new AssertionError(url));
            assertThat(read.getAddress()).as("seed of %s", url).isEqualTo(bytes);
            assertThat(gate.objection(read)).as("%s", url).isPresent();
        }
    }

    private static String spelled(byte[] bytes, Random random) {
        int parts = 1 + random.nextInt(4);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts; i++) {
            long value = bytes[i] & 0xFF;
            if (i == parts - 1) {
                for (int rest = i + 1; rest < 4; rest++) {
                    value = value << 8 | (bytes[rest] & 0xFF);
                }
            }
            text.append(i == 0 ? "" : ".")
                    .append(
                            switch (random.nextInt(4)) {
                                case 0 -> Long.toString(value);
                                case 1 -> "0x" + "0".repeat(random.nextInt(4)) + Long.toHexString(value);
                                case 2 -> "0X" + Long.toHexString(value).toUpperCase(java.util.Locale.ROOT);
                                default -> "0".repeat(1 + random.nextInt(4)) + Long.toOctalString(value);
                            });
        }
        return text + (random.nextInt(5) == 0 ? "." : "");
    }

    @Test
    void garbageIsRefusedInWordsAndNothingElseHappens() {
        String alphabet = "http://127.0.0.1:80[]@%?#\\ ①．。x0aF-_\r\n\t\u0000\ud800é";
        for (long seed = 0; seed < 30_000; seed++) {
            Random random = new Random(seed);
            StringBuilder url = new StringBuilder(random.nextInt(4) == 0 ? "" : "http://");
            for (int length = random.nextInt(24); length > 0; length--) {
                url.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThatCode(() -> {
                        try {
                            Target target = Target.parse(url.toString());
                            // What counts as a name here must not be an address to anybody else.
                            if (target.literal().isEmpty()) {
                                assertThat(target.host()).doesNotMatch("(.*\\.)?([0-9]+|0x[0-9a-f]*)");
                            }
                        } catch (IllegalArgumentException e) {
                            assertThat(e).hasMessageMatching("(?s)(is|has|must|host) .+");
                        }
                    })
                    .as("seed %d", seed)
                    .doesNotThrowAnyException();
        }
    }
}
