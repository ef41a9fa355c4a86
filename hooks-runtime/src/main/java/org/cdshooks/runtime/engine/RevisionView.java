package org.cdshooks.runtime.engine;

import java.util.Optional;
import java.util.SortedSet;
import org.cdshooks.runtime.task.TaskRevision;

/**
 * A revision of a task as the API shows it.
 *
 * @param revision the revision; its secrets are blanked, so it can be shown
 * @param changed the names of the options that the revision before had not, had otherwise, or had besides; empty if that one
 *     is not kept
 */
public record RevisionView(TaskRevision revision, Optional<SortedSet<String>> changed) {}
