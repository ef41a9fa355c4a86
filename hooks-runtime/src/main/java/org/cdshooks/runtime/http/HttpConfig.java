package org.cdshooks.runtime.http;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.cdshooks.runtime.sink.Cidr;

/**
 * What an operator can set of the HTTP server. Made from the configuration by {@code launch}.
 *
 * @param host the address to listen on, such as {@code 127.0.0.1}
 * @param port the port; 0 for any free one
 * @param limits what the server bears
 * @param ratePerPeer how many requests a second a peer may send; 0 for any number
 * @param trustedProxies the proxies that are believed when they say whom a request comes from
 * @param shutdownGrace how long requests that run may take to end when the server stops
 * @param queueWarn from how many queued executions on {@code /mon/status} says WARN
 * @param queueAlert from how many on it says AL
 * @param serviceHash the secret of the admin API as it is now; empty while there is none, and then nobody is let in
 * @param build what was built
 */
public record HttpConfig(
        String host,
        int port,
        HttpLimits limits,
        int ratePerPeer,
        List<Cidr> trustedProxies,
        Duration shutdownGrace,
        long queueWarn,
        long queueAlert,
        Supplier<String> serviceHash,
        BuildInfo build) {

    /**
     * Returns the defaults; the thresholds of the queue are those of CDS.
     *
     * @param host the address to listen on
     * @param port the port; 0 for any free one
     * @param serviceHash the secret of the admin API
     * @param build what was built
     * @return a config
     */
    public static HttpConfig defaults(String host, int port, Supplier<String> serviceHash, BuildInfo build) {
        return new HttpConfig(
                host, port, HttpLimits.defaults(), 0, List.of(), Duration.ofSeconds(20), 10, 100, serviceHash, build);
    }

    /**
     * Sets what the server bears.
     *
     * @param newLimits the limits
     * @return a copy with them
     */
    public HttpConfig limits(HttpLimits newLimits) {
        return new HttpConfig(
                host,
                port,
                newLimits,
                ratePerPeer,
                trustedProxies,
                shutdownGrace,
                queueWarn,
                queueAlert,
                serviceHash,
                build);
    }

    /** Sets how many requests a second a peer may send, and which proxies are believed when they say who the peer is. */
    public HttpConfig peers(int rate, List<Cidr> proxies) {
        return new HttpConfig(
                host, port, limits, rate, proxies, shutdownGrace, queueWarn, queueAlert, serviceHash, build);
    }

    /** Leaves the secret out. */
    @Override
    public String toString() {
        return "HttpConfig[" + host + ':' + port + ", " + limits + ']';
    }
}
