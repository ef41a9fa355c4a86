package org.cdshooks.api.service;

import java.util.Map;
import org.cdshooks.api.Experimental;
import org.cdshooks.api.ProvidedByRuntime;
import org.cdshooks.api.config.Secret;

/**
 * The settings that people keep in the host under a name instead of in each task: where a broker is and how to log in. CDS
 * calls them platforms, later integrations, of a project.
 */
@ProvidedByRuntime
@Experimental(decideBy = "1.2")
public interface Integrations {

    /**
     * Asks the host for the settings of one integration. Nothing is kept: what people change there is seen by the next
     * call, so call it each time that a connection is made.
     *
     * @param project the key of the project that has the integration: the task's extra {@code project}
     * @param name the name of the integration in that project, as the task's options give it
     * @return the settings by name, such as {@code "broker url"}. Each is a secret, since the host can't tell for sure which
     *     of them are; a setting without a value is the empty text
     * @throws ServiceException if the host did not tell: its {@linkplain ServiceException#kind kind} says whether asking
     *     again may help
     * @throws InterruptedException if told to stop meanwhile; let it out
     */
    Map<String, Secret> settings(String project, String name) throws ServiceException, InterruptedException;
}
