/** The command line, the configuration and the wiring, by hand and in one place. */
@NullMarked
package org.cdshooks.runtime.launch;

import org.jspecify.annotations.NullMarked;
