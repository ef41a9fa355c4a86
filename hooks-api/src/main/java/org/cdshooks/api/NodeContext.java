package org.cdshooks.api;

import java.time.InstantSource;
import java.util.Optional;

/** What a node of the cluster offers to everything that runs on it. */
@ProvidedByRuntime
public interface NodeContext {

    /**
     * Returns the clock to use for everything, so that tests can turn it.
     *
     * @return the clock
     */
    InstantSource clock();

    /**
     * Returns a service of the host, such as access to the {@linkplain org.cdshooks.api.service.Integrations integrations}
     * of a project. Services are interfaces of this API, in {@link org.cdshooks.api.service}; one that a runtime lacks is
     * simply not there.
     *
     * @param type the interface
     * @param <S> the interface
     * @return the service, if this runtime has it
     */
    <S> Optional<S> service(Class<S> type);
}
