/** What is stored: tasks, executions, their keys, states and JSON form. Plain data, no behaviour of others. */
@NullMarked
package org.cdshooks.runtime.task;

import org.jspecify.annotations.NullMarked;
