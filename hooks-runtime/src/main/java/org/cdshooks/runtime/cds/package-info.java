/**
 * The service as a member of a CDS installation: registration, heartbeat, synchronisation of tasks, and the sink that starts
 * workflows. Left out unless {@code cds.api.url} is set.
 */
@org.jspecify.annotations.NullMarked
package org.cdshooks.runtime.cds;
