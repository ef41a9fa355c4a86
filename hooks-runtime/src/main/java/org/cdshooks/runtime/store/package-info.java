/** The contract of a task store, named after the transitions of an execution; its implementations stand in packages below. */
@NullMarked
package org.cdshooks.runtime.store;

import org.jspecify.annotations.NullMarked;
