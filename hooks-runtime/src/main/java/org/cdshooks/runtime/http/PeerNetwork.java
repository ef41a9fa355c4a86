package org.cdshooks.runtime.http;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Whose requests count together: an IPv4 address, or an IPv6 network of 64 bits, since that is what one customer gets.
 *
 * @param bits the leading bits
 */
record PeerNetwork(boolean isIpv6, long bits) {
    static PeerNetwork of(InetAddress address) {
        byte[] bytes = address.getAddress();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return bytes.length == 4 ? new PeerNetwork(false, buffer.getInt()) : new PeerNetwork(true, buffer.getLong());
    }
}
