package org.cdshooks.runtime.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.cdshooks.runtime.sink.Cidr;

/**
 * Tells who has sent a request. Each proxy adds the address at the other end of its connection, so the sender is the
 * right-most address that is no trusted proxy. What stands left of that address anybody may have made up.
 */
final class TrustedProxies {
    private static final HeaderName FORWARDED = HeaderNames.FORWARDED;
    private static final HeaderName FORWARDED_FOR = HeaderNames.X_FORWARDED_FOR;

    private final List<Cidr> networks;

    TrustedProxies(List<Cidr> networks) {
        this.networks = List.copyOf(networks);
    }

    /**
     * Returns the address of the sender.
     *
     * @param connection the address at the other end of the connection
     */
    InetAddress sender(InetAddress connection, Headers headers) {
        if (networks.isEmpty() || !isTrusted(connection)) {
            return connection;
        }
        List<String> forwarded = headers.all(FORWARDED, List::of);
        List<String> forwardedFor = headers.all(FORWARDED_FOR, List::of);
        if (forwarded.isEmpty()) {
            return sender(connection, ForwardedHops.ofList(forwardedFor));
        }
        InetAddress sender = sender(connection, ForwardedHops.ofForwarded(forwarded));
        if (forwardedFor.isEmpty() || sender.equals(sender(connection, ForwardedHops.ofList(forwardedFor)))) {
            return sender;
        }
        return connection; // the proxy has made one of the headers and the sender the other: nobody knows which
    }

    private InetAddress sender(InetAddress connection, List<Optional<InetAddress>> hops) {
        InetAddress sender = connection;
        for (Optional<InetAddress> hop : hops.reversed()) {
            if (hop.isEmpty()) {
                return sender; // the proxy does not say; the proxy itself is the last one that is known
            }
            sender = hop.get();
            if (!isTrusted(sender)) {
                return sender;
            }
        }
        return sender;
    }

    private boolean isTrusted(InetAddress address) {
        for (Cidr network : networks) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }
}
