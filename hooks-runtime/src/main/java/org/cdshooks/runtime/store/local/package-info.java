/** The stores of one process: in memory, or in a file that survives the process. */
@NullMarked
package org.cdshooks.runtime.store.local;

import org.jspecify.annotations.NullMarked;
