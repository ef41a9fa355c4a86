/**
 * What happens in repositories, in one form for all version control servers and for all ways to learn of it: a webhook
 * and a poller that tell the same push yield the same names and values.
 */
@NullMarked
package org.cdshooks.toolkit.repository;

import org.jspecify.annotations.NullMarked;
