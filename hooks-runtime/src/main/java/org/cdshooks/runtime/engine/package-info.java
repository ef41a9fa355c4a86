/** The scheduler in three parts (processor, retry, cleaner), timers, listeners, and the life of tasks. */
@NullMarked
package org.cdshooks.runtime.engine;

import org.jspecify.annotations.NullMarked;
