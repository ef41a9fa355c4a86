/** The HTTP API: routes, error bodies, authentication, limits. */
@NullMarked
package org.cdshooks.runtime.http;

import org.jspecify.annotations.NullMarked;
