/** The store that many nodes share: each transition is one Lua script on Redis. */
@NullMarked
package org.cdshooks.runtime.store.redis;

import org.jspecify.annotations.NullMarked;
