/**
 * What a host may offer to hook types besides running them, one small interface each: get one with {@link
 * org.cdshooks.api.NodeContext#service}. A host that is not tied to a CDS installation has none of them, so a hook type
 * says what it does without: {@code create} throws an {@link IllegalStateException} with the way out, or options take
 * their place.
 *
 * <p>Services ask another machine and block meanwhile: call them in {@code listen} and {@code execute}, never in {@code
 * create} or {@code validate}. They are safe for use by several threads. All of them fail with {@link
 * org.cdshooks.api.service.ServiceException}.
 */
@NullMarked
package org.cdshooks.api.service;

import org.jspecify.annotations.NullMarked;
