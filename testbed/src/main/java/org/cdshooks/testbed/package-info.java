/**
 * Real servers that tests start, and ways to break them.
 *
 * <p>{@link org.cdshooks.testbed.RedisServer} is one Redis, {@link org.cdshooks.testbed.SentinelSetup} and
 * {@link org.cdshooks.testbed.ClusterSetup} are several that belong together, {@link org.cdshooks.testbed.FaultProxy} is
 * a bad network before any server. All of them listen on loopback only, on ports of their own, so that tests of several
 * builds run side by side.
 *
 * <p>Nothing has to be installed: see {@link org.cdshooks.testbed.RedisServer#EXECUTABLE_PROPERTY}.
 */
@NullMarked
package org.cdshooks.testbed;

import org.jspecify.annotations.NullMarked;
