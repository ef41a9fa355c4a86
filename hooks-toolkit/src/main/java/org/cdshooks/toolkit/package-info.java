/**
 * Helpers for hook types: flattening of JSON and picking single values of it, query strings and forms, media types, events
 * of repositories. A plugin bundles this library into its own directory, so each plugin has the version that it was built
 * with; between versions anything may change.
 */
@NullMarked
package org.cdshooks.toolkit;

import org.jspecify.annotations.NullMarked;
