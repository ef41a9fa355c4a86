/**
 * The stores of one process: in memory, or in a file that survives the process.
 *
 * <p>{@code LocalTaskStore} brings JSON and waiting, {@code Transitions} is what happens (one short lock, no I/O),
 * {@code Index} is where everything is, and a {@code Backing} keeps the values: {@code MemoryBacking} on the heap,
 * {@code MvStoreBacking} in a file.
 *
 * <p><b>The data directory</b> holds
 *
 * <ul>
 *   <li>{@code hooks.mv}, an H2 MVStore with one map a {@code Kind}: {@code tasks} (who it is, then its JSON),
 *       {@code executions} (where each one is, some 60 bytes), {@code bodies} (the JSON of executions), {@code cursors},
 *       {@code deliveries} and {@code idempotencyKeys}. Keys are numbers that only grow, so what is new stands together; a task or a body that changes
 *       gets a new number, so a value that was read can be kept. Each value carries a CRC-32C over its kind, its number and
 *       itself. At the start all but the bodies are read;
 *       <p>Each version of the data has a {@code CommitRecord} in one of the two header blocks: where it stands, and a
 *       checksum over all of it. A version that a power failure has torn is told from a whole one by that, and given up for
 *       the version before, which was forced; see {@code CheckedFileStore};
 *   <li>{@code lock}, locked while a process has the directory, with its pid;
 *   <li>{@code acknowledged}, the version of the data that was acknowledged last, twice in turn with a checksum. A file
 *       whose newest whole version is older has lost something, and the store refuses to open it;
 *   <li>{@code hooks.mv.new}, a file that is being made and is of no use after a crash; {@code hooks.mv.saved}, what a repair
 *       has saved, until it is the data; {@code hooks.mv.damaged-…}, what was repaired.
 * </ul>
 *
 * <p>One thread writes and another one reads, one at a time. Nobody interrupts them, and nobody else touches the file.
 */
@NullMarked
package org.cdshooks.runtime.store.local;

import org.jspecify.annotations.NullMarked;
