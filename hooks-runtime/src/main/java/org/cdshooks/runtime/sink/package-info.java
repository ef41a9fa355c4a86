/** The sinks that come with the service: an HTTP endpoint and the log. */
@NullMarked
package org.cdshooks.runtime.sink;

import org.jspecify.annotations.NullMarked;
