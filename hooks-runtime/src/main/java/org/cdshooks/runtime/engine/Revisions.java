package org.cdshooks.runtime.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ReplayConfig;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;

/** What people ask of revisions of tasks. */
final class Revisions {
    private Revisions() {}

    /** Returns the revisions of a task as they can be shown, newest first. */
    static List<RevisionView> shown(TaskStore store, Masking masking, TaskId id) {
        List<TaskRevision> kept = store.revisions(id);
        List<RevisionView> shown = new ArrayList<>();
        for (int i = 0; i < kept.size(); i++) {
            TaskRevision each = kept.get(i);
            Optional<TaskRecord> before =
                    i + 1 < kept.size() ? Optional.of(kept.get(i + 1).task()) : Optional.empty();
            shown.add(new RevisionView(
                    new TaskRevision(masking.shown(each.task()), each.until(), each.changedAt()),
                    before.map(old -> changed(masking, old, each.task()))));
        }
        return shown;
    }

    /** A secret that was only sealed anew has not changed. */
    private static SortedSet<String> changed(Masking masking, TaskRecord before, TaskRecord after) {
        Map<String, ConfigValue> one = masking.opened(before.id(), before.config(), new ArrayList<>());
        Map<String, ConfigValue> other = new TreeMap<>(masking.opened(after.id(), after.config(), new ArrayList<>()));
        SortedSet<String> changed = new TreeSet<>(one.keySet());
        changed.addAll(other.keySet());
        changed.removeIf(name -> Objects.equals(one.get(name), other.get(name)));
        return changed;
    }

    /** Says why an execution can't run again under a config; empty if it can. */
    static Optional<String> refusal(TaskStore store, Execution execution, ReplayConfig config) {
        return config == ReplayConfig.NOW || accepted(store, execution).isPresent()
                ? Optional.empty()
                : Optional.of(words(store, execution));
    }

    /** Returns what the task was when the execution was accepted, if that is kept. */
    static Optional<TaskRevision> accepted(TaskStore store, Execution execution) {
        long number = execution.marks().revisions().accepted();
        return number == 0 ? Optional.empty() : store.revision(execution.key().task(), number);
    }

    /** Says what is missing of the config of then, with the way out. */
    static String words(TaskStore store, Execution execution) {
        long number = execution.marks().revisions().accepted();
        String of = "execution " + execution.key().timestamp();
        if (number == 0) {
            return "it is not known under which revision of its task " + of
                    + " was accepted: replay it with config=now, or not at all";
        }
        return of + " was accepted under revision " + number + " of its task, which is not kept any more"
                + kept(store.revisions(execution.key().task()))
                + ": replay it with config=now, or change the task to what it was";
    }

    private static String kept(List<TaskRevision> revisions) {
        return revisions.isEmpty()
                ? ""
                : " (kept are the last " + revisions.size() + ", from "
                        + revisions.getLast().number() + " on)";
    }
}
