package org.cdshooks.runtime.sink;

import java.util.List;

/**
 * What the node sets for all tasks of the {@code http} sink. The runtime offers it as a {@linkplain
 * org.cdshooks.api.NodeContext#service service}; without it nothing private is allowed.
 */
public interface SinkSettings {
    /** The name of the node's setting behind {@link #allowed}, as operators write it. */
    String ALLOW = "sink.http.allow";

    /**
     * Returns the private and otherwise special networks that may be called all the same: the setting {@link #ALLOW}.
     *
     * @return networks, none by default; public addresses need no entry
     */
    List<Cidr> allowed();

    /**
     * Returns the version of the service, told to targets in {@code User-Agent}.
     *
     * @return such as {@code 1.2.0}
     */
    String version();
}
