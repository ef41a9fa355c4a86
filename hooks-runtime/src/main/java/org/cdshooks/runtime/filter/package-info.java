/** Which events of a task go on, and in which form: its filters and its mapping. Pure functions of an event. */
@NullMarked
package org.cdshooks.runtime.filter;

import org.jspecify.annotations.NullMarked;
