/**
 * What a hook type's author tests with: an in-memory host for one hook, and the rules that every hook type keeps.
 *
 * <p>{@link org.cdshooks.testkit.HookHarness} runs one hook as the runtime would, without a server, a store or real
 * time. {@link org.cdshooks.testkit.HookTypeContract} is a JUnit class to extend; it has one test for each rule of the
 * contract in {@code org.cdshooks.api}.
 */
@NullMarked
package org.cdshooks.testkit;

import org.jspecify.annotations.NullMarked;
