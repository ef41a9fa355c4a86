package org.cdshooks.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.http.HeaderNames;
import io.helidon.http.WritableHeaders;
import java.net.InetAddress;
import java.util.List;
import org.cdshooks.runtime.sink.Cidr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustedProxiesTest {
    private static final String PROXY = "10.0.0.1";
    private static final TrustedProxies PROXIES =
            new TrustedProxies(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8:f::/48")));

    private static String sender(String connection, String header, String... values) {
        WritableHeaders<?> headers = WritableHeaders.create();
        headers.set(HeaderNames.create(header), values);
        return PROXIES.sender(InetAddress.ofLiteral(connection), headers).getHostAddress();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.7                        | 192.0.2.7",
                "192.0.2.7:4711                   | 192.0.2.7",
                "203.0.113.9, 192.0.2.7           | 192.0.2.7",
                "203.0.113.9, 192.0.2.7, 10.1.2.3 | 192.0.2.7",
                "10.1.2.3, 10.4.5.6               | 10.1.2.3",
                "2001:db8::1                      | 2001:db8:0:0:0:0:0:1",
                "[2001:db8::1]:4711               | 2001:db8:0:0:0:0:0:1",
                "192.0.2.7, 2001:db8:f::9         | 192.0.2.7",
                "::ffff:192.0.2.7                 | 192.0.2.7",
                "garbage, 192.0.2.7               | 192.0.2.7",
                "192.0.2.7, garbage               | 10.0.0.1",
                "192.0.2.7, unknown, 10.1.2.3     | 10.1.2.3",
                "192.0.2.7,                       | 10.0.0.1",
                "999.1.1.1                        | 10.0.0.1",
                "192.0.2.7:99999999               | 10.0.0.1",
                "localhost                        | 10.0.0.1",
                "fe80::1%eth0                     | 10.0.0.1",
                ":::::                            | 10.0.0.1",
            })
    void theSenderIsTheRightMostAddressThatIsNoTrustedProxy(String header, String sender) {
        assertThat(sender(PROXY, "X-Forwarded-For", header)).isEqualTo(sender);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "for=192.0.2.7                                        | 192.0.2.7",
                "For=\"192.0.2.7:4711\";proto=https;by=10.0.0.1       | 192.0.2.7",
                "by=203.0.113.43; for=192.0.2.7 ; host=\"a,b;c\"      | 192.0.2.7",
                "for=203.0.113.9, for=192.0.2.7;proto=http            | 192.0.2.7",
                "for=192.0.2.7, for=10.1.2.3                          | 192.0.2.7",
                "for=\"[2001:db8:cafe::17]:4711\"                     | 2001:db8:cafe:0:0:0:0:17",
                "for=\"[2001:db8:cafe::17]:_port\"                    | 2001:db8:cafe:0:0:0:0:17",
                "for=\"\\192.0.2.7\"                                  | 192.0.2.7",
                "for=_hidden, for=10.1.2.3                            | 10.1.2.3",
                "for=192.0.2.7, for=unknown                           | 10.0.0.1",
                "for=192.0.2.7, proto=https                           | 10.0.0.1",
                "for=\"open, for=192.0.2.7                            | 192.0.2.7",
                "nonsense, for=192.0.2.7                              | 192.0.2.7",
                "for=\"open                                           | 10.0.0.1",
                "=;,=\"                                               | 10.0.0.1",
            })
    void forwardedIsRead(String header, String sender) {
        assertThat(sender(PROXY, "Forwarded", header)).isEqualTo(sender);
    }

    @Test
    void linesAreReadInOrder() {
        assertThat(sender(PROXY, "X-Forwarded-For", "203.0.113.9", "192.0.2.7")).isEqualTo("192.0.2.7");
        assertThat(sender(PROXY, "Forwarded", "for=\"open", "for=192.0.2.7")).isEqualTo("192.0.2.7");
    }

    @Test
    void aHundredHopsAreReadFromTheRight() {
        assertThat(sender(PROXY, "X-Forwarded-For", "192.0.2.7, " + "10.1.1.1, ".repeat(99) + "10.1.1.1"))
                .isEqualTo("192.0.2.7");
    }

    @Test
    void whoIsNoTrustedProxyIsNotBelieved() {
        assertThat(sender("192.0.2.1", "X-Forwarded-For", "10.9.9.9")).isEqualTo("192.0.2.1");
        assertThat(sender("192.0.2.1", "Forwarded", "for=10.9.9.9")).isEqualTo("192.0.2.1");
        assertThat(sender("2001:db8::1", "Forwarded", "for=10.9.9.9")).isEqualTo("2001:db8:0:0:0:0:0:1");
    }

    @Test
    void twoHeadersThatDisagreeAreNotBelieved() {
        WritableHeaders<?> headers = WritableHeaders.create();
        headers.set(HeaderNames.FORWARDED, "for=203.0.113.9");
        headers.set(HeaderNames.X_FORWARDED_FOR, "192.0.2.7");
        assertThat(PROXIES.sender(InetAddress.ofLiteral(PROXY), headers).getHostAddress())
                .isEqualTo(PROXY);
        headers.set(HeaderNames.FORWARDED, "for=192.0.2.7");
        assertThat(PROXIES.sender(InetAddress.ofLiteral(PROXY), headers).getHostAddress())
                .isEqualTo("192.0.2.7");
    }
}
