package org.cdshooks.runtime.sink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says which addresses may be called: public ones, and those that the node's allow list names. Guards against server
 * side request forgery. The ranges are those of the IANA special-purpose address registries (RFC 6890); of IPv6 only
 * the global unicast block 2000::/3 counts as public, less what is special inside it.
 */
final class AddressGate {
    private static final Map<Cidr, String> SPECIAL = new LinkedHashMap<>();
    private static final Cidr GLOBAL_UNICAST = Cidr.parse("2000::/3");
    private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");

    static {
        special("127.0.0.0/8", "loopback");
        special("10.0.0.0/8", "private");
        special("172.16.0.0/12", "private");
        special("192.168.0.0/16", "private");
        special("169.254.0.0/16", "link-local");
        special("100.64.0.0/10", "shared by carriers (CGNAT)");
        special("0.0.0.0/8", "this host");
        special("192.0.0.0/24", "reserved");
        special("192.0.2.0/24", "for documentation");
        special("192.88.99.0/24", "reserved (6to4 relays)");
        special("198.18.0.0/15", "for benchmarks");
        special("198.51.100.0/24", "for documentation");
        special("203.0.113.0/24", "for documentation");
        special("224.0.0.0/4", "multicast");
        special("240.0.0.0/4", "reserved");
        special("::1/128", "loopback");
        special("::/128", "unspecified");
        special("fc00::/7", "unique-local");
        special("fe80::/10", "link-local");
        special("fec0::/10", "site-local");
        special("ff00::/8", "multicast");
        special("64:ff9b::/96", "translated to IPv4 (NAT64)");
        special("64:ff9b:1::/48", "translated to IPv4 (NAT64)");
        special("2001::/23", "reserved (Teredo and others)");
        special("2001:db8::/32", "for documentation");
        special("2002::/16", "wrapped IPv4 (6to4)");
        special("3fff::/20", "for documentation");
    }

    private final List<Cidr> allowed;

    AddressGate(List<Cidr> allowed) {
        this.allowed = List.copyOf(allowed);
    }

    private static void special(String cidr, String what) {
        SPECIAL.put(Cidr.parse(cidr), what);
    }

    /**
     * Judges an address.
     *
     * @param address any address
     * @return why it may not be called, for users; empty if it may
     */
    Optional<String> objection(InetAddress address) {
        byte[] bytes = unwrapped(address.getAddress());
        Optional<String> special = whatIs(bytes);
        if (special.isEmpty()) {
            return Optional.empty();
        }
        if (allowed.stream().anyMatch(cidr -> cidr.contains(bytes))) {
            // An allowed translator must not be a way round the rules for what it translates to.
            return NAT64.contains(bytes) ? objection(of(Arrays.copyOfRange(bytes, 12, 16))) : Optional.empty();
        }
        return Optional.of(of(bytes).getHostAddress() + " is " + special.get());
    }

    private static Optional<String> whatIs(byte[] bytes) {
        for (Map.Entry<Cidr, String> entry : SPECIAL.entrySet()) {
            if (entry.getKey().contains(bytes)) {
                return Optional.of(entry.getValue());
            }
        }
        return bytes.length == 4 || GLOBAL_UNICAST.contains(bytes) ? Optional.empty() : Optional.of("reserved");
    }

    /** Takes IPv4 out of ::ffff:0:0/96, since that is what the system connects to. */
    private static byte[] unwrapped(byte[] bytes) {
        if (bytes.length != 16 || bytes[10] != (byte) 0xFF || bytes[11] != (byte) 0xFF) {
            return bytes;
        }
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return bytes;
            }
        }
        return Arrays.copyOfRange(bytes, 12, 16);
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("the length of an address was right before", e);
        }
    }
}
