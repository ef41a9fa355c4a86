package org.cdshooks.runtime.sink;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A network of addresses, such as {@code 10.0.0.0/8} or {@code fd00::/8}.
 *
 * @param network the first address of the network
 * @param prefix how many leading bits all its addresses share: 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record Cidr(InetAddress network, int prefix) {
    private static final Pattern IPV4 =
            Pattern.compile("(?:(?:0|[1-9][0-9]{0,2})\\.){3}(?:0|[1-9][0-9]{0,2})", Pattern.CASE_INSENSITIVE);
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
    private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if the prefix is too long, or bits behind it are set
     */
    public Cidr {
        int bits = network.getAddress().length * 8;
        if (prefix < 0 || prefix > bits) {
            throw new IllegalArgumentException("prefix /" + prefix + " is not in /0 to /" + bits);
        }
        InetAddress first = firstOf(network, prefix);
        if (!first.equals(network)) {
            throw new IllegalArgumentException(network.getHostAddress() + "/" + prefix
                    + " is an address inside a network; write " + first.getHostAddress() + "/" + prefix
                    + " for the network or /" + bits + " for the one address");
        }
    }

    /**
     * Reads a network as operators write it.
     *
     * @param text an address with or without {@code /prefix}; without, the one address is meant
     * @return the network
     * @throws IllegalArgumentException if the text is no network; the message says why and what is right
     */
    public static Cidr parse(String text) {
        String stripped = text.strip();
        int slash = stripped.indexOf('/');
        String address = slash < 0 ? stripped : stripped.substring(0, slash);
        InetAddress network = address(text, address);
        if (slash < 0) {
            return new Cidr(network, network.getAddress().length * 8);
        }
        String prefix = stripped.substring(slash + 1);
        if (!PREFIX.matcher(prefix).matches()) {
            throw problem(text);
        }
        try {
            return new Cidr(network, Integer.parseInt(prefix));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "': " + e.getMessage(), e);
        }
    }

    private static InetAddress address(String text, String address) {
        boolean four = IPV4.matcher(address).matches();
        if (!four && !(address.indexOf(':') >= 0 && IPV6.matcher(address).matches())) {
            throw problem(text);
        }
        InetAddress network;
        try {
            network = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw problem(text);
        }
        if (!four && network instanceof Inet4Address) {
            throw new IllegalArgumentException("'" + text + "' is an IPv4 address in IPv6 clothes; write it as IPv4, "
                    + "such as " + network.getHostAddress());
        }
        return network;
    }

    private static IllegalArgumentException problem(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is no network; write an address with a prefix, such as 10.0.0.0/8 or fd00::/8");
    }

    /**
     * Tells whether an address belongs to this network. An IPv4 address never belongs to an IPv6 network, however it
     * is wrapped.
     *
     * @param address any address
     * @return true if it does
     */
    public boolean contains(InetAddress address) {
        return contains(address.getAddress());
    }

    boolean contains(byte[] address) {
        byte[] mine = network.getAddress();
        if (mine.length != address.length) {
            return false;
        }
        for (int i = 0; i < mine.length; i++) {
            int mask = mask(prefix - 8 * i);
            if ((mine[i] & mask) != (address[i] & mask)) {
                return false;
            }
        }
        return true;
    }

    private static InetAddress firstOf(InetAddress network, int prefix) {
        byte[] bytes = network.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (bytes[i] & mask(prefix - 8 * i));
        }
        try {
            return network instanceof Inet6Address
                    ? Inet6Address.getByAddress(null, bytes, -1)
                    : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("the length of an address was right before", e);
        }
    }

    /** Returns the mask of one byte of which {@code bits} leading bits count. */
    private static int mask(int bits) {
        return 0xFF & ~(0xFF >> Math.clamp(bits, 0, 8));
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefix;
    }
}
