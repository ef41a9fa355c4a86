package org.cdshooks.runtime.cds;

import java.time.Duration;

/**
 * What the sink needs of the installation.
 *
 * @param api the API
 * @param timeout how long one call may take
 */
public record CdsCalls(CdsApi api, Duration timeout) {}
