/** Load against the unpacked distribution, and the table that comes of it. */
@NullMarked
package org.cdshooks.benchmark;

import org.jspecify.annotations.NullMarked;
