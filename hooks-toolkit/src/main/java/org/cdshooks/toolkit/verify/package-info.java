/**
 * Tells whether a request comes from who it should come from, by its bytes as they came and before anything of them is
 * interpreted. Start at {@link org.cdshooks.toolkit.verify.Provider} for senders that are known, and at {@link
 * org.cdshooks.toolkit.verify.SignatureScheme} for others. Needs nothing but the JDK.
 */
@NullMarked
package org.cdshooks.toolkit.verify;

import org.jspecify.annotations.NullMarked;
