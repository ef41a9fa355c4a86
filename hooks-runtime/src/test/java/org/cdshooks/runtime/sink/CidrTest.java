package org.cdshooks.runtime.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, 11.0.0.0",
        "10.1.128.0/17, 10.1.200.1, 10.1.127.255",
        "192.168.1.7, 192.168.1.7, 192.168.1.8",
        "0.0.0.0/0, 1.2.3.4, ::1",
        "::/0, 1::, 1.2.3.4",
        "fd00::/8, fdff::1, fe00::1",
        "2001:db8::/33, 2001:db8:7fff::, 2001:db8:8000::",
        "' ::1 ', ::1, ::2"
    })
    void tellsWhatBelongsToIt(String cidr, String inside, String outside) {
        assertThat(Cidr.parse(cidr).contains(InetAddress.ofLiteral(inside))).isTrue();
        assertThat(Cidr.parse(cidr).contains(InetAddress.ofLiteral(outside))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0.0/8/8",
                "10/8",
                "10.0.0/8",
                "010.0.0.0/8",
                "256.0.0.0/8",
                "0x7f.0.0.1",
                "localhost",
                "example.com/8",
                "fd00::/129",
                "fd00::1::/8",
                "fe80::1%eth0",
                "[::1]",
                ":",
                "2130706433"
            })
    void refusesWhatIsNoNetworkInWords(String text) {
        assertThatThrownBy(() -> Cidr.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({"10.1.2.3/8, 10.0.0.0/8", "fd00::1/8, fd00:0:0:0:0:0:0:0/8", "::ffff:10.0.0.0/104, write it as IPv4"})
    void saysWhatWouldBeRight(String text, String hint) {
        assertThatThrownBy(() -> Cidr.parse(text)).hasMessageContaining(text).hasMessageContaining(hint);
    }
}
