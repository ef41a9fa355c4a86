package org.cdshooks.runtime.cds;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import org.cdshooks.api.config.Secret;

/**
 * How this service belongs to a CDS installation.
 *
 * @param api where the CDS API is, without a slash at the end
 * @param token a token of the group shared.infra
 * @param insecure whether the certificate of the API is not checked
 * @param requestTimeout how long one call of the API may take
 * @param name the name that this service registers under; services of one name share a service hash
 * @param callback where the CDS API reaches this service, without a slash at the end
 * @param heartbeat how often the service registers anew, which is its heartbeat
 * @param maxHeartbeatFailures how many heartbeats in a row may fail before that is an alert
 * @param syncEvery how often tasks are compared with the hooks of the API
 * @param maxDelete how many per cent of the tasks one synchronisation may remove
 * @param version the version of this service
 * @param config what is shown to the API of this service's configuration; holds no secret
 */
public record CdsSettings(
        URI api,
        Secret token,
        boolean insecure,
        Duration requestTimeout,
        String name,
        URI callback,
        Duration heartbeat,
        int maxHeartbeatFailures,
        Duration syncEvery,
        int maxDelete,
        String version,
        JsonNode config) {}
