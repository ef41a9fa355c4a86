/** A CDS API that is as strict as the real one, and can be stopped, started again on its port, and made to fail. */
@NullMarked
package org.cdshooks.testbed.cds;

import org.jspecify.annotations.NullMarked;
