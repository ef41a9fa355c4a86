package org.cdshooks.runtime.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGateTest {
    private static AddressGate allowing(String... cidrs) {
        return new AddressGate(Stream.of(cidrs).map(Cidr::parse).toList());
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.255",
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "100.64.0.1",
                "100.127.255.255",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.0.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::808:808",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:2::1",
                "2001:10::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "2002:808:808::1",
                "3fff::1",
                "4000::1",
                "5f00::1",
                "fc00::1",
                "fd00::1",
                "fe80::1",
                "fec0::1",
                "ff02::1"
            })
    void nothingSpecialMayBeCalled(String literal) {
        assertThat(allowing().objection(address(literal))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.1",
                "169.253.255.255",
                "172.15.255.255",
                "172.32.0.0",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "::ffff:8.8.8.8",
                "2001:4860:4860::8888",
                "2606:4700:4700::1111",
                "2003::1"
            })
    void publicAddressesMayBeCalled(String literal) {
        assertThat(allowing().objection(address(literal))).isEmpty();
    }

    @Test
    void theAllowListOpensWhatItNamesAndNothingElse() {
        AddressGate gate = allowing("10.1.0.0/16", "fd00:1::/32", "127.0.0.1");
        assertThat(List.of("10.1.2.3", "fd00:1::5", "127.0.0.1", "::ffff:10.1.2.3"))
                .allSatisfy(
                        literal -> assertThat(gate.objection(address(literal))).isEmpty());
        assertThat(List.of("10.2.0.1", "fd00:2::5", "127.0.0.2", "::1", "::10.1.2.3", "2002:a01:203::"))
                .allSatisfy(
                        literal -> assertThat(gate.objection(address(literal))).isPresent());
    }

    @Test
    void anAllowedTranslatorIsNoWayRound() {
        AddressGate gate = allowing("64:ff9b::/96");
        assertThat(gate.objection(address("64:ff9b::808:808"))).isEmpty();
        assertThat(gate.objection(address("64:ff9b::7f00:1")))
                .hasValueSatisfying(why -> assertThat(why).contains("127.0.0.1 is loopback"));
        assertThat(allowing("64:ff9b::/96", "127.0.0.0/8").objection(address("64:ff9b::7f00:1")))
                .isEmpty();
    }

    @Test
    void anIpv6WildcardOpensNoIpv4() {
        assertThat(allowing("::/0").objection(address("10.0.0.1"))).isPresent();
        assertThat(allowing("0.0.0.0/0").objection(address("10.0.0.1"))).isEmpty();
    }
}
