/** Discovery and isolation of plugins, the report of what loaded and what did not, and the one door into their code. */
@NullMarked
package org.cdshooks.runtime.plugin;

import org.jspecify.annotations.NullMarked;
