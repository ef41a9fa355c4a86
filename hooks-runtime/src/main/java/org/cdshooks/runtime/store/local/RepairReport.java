package org.cdshooks.runtime.store.local;

import java.nio.file.Path;

/**
 * What a repair has saved.
 *
 * @param tasks how many tasks were saved
 * @param executions how many executions were saved
 * @param contents how many of these have lost their content: they end as FAILED, or were finished before
 * @param lost how many tasks, executions, cursors and deliveries were found and could not be read; what stood in parts
 *     that can't be read at all is not counted
 * @param old where the damaged file is now
 */
public record RepairReport(int tasks, int executions, int contents, int lost, Path old) {}
