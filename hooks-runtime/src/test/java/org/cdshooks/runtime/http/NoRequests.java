package org.cdshooks.runtime.http;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.Requests;
import org.cdshooks.runtime.task.TurnedAway;

/** Notes and keeps nothing. */
final class NoRequests implements Requests {
    @Override
    public void turnedAway(TaskId task, TurnedAway what, Optional<Refused> refused) {}

    @Override
    public Page trace(TaskId task, long before, int limit) {
        return new Page(List.of(), OptionalLong.empty());
    }

    @Override
    public List<Held> quarantine(TaskId task) {
        return List.of();
    }

    @Override
    public Optional<Held> quarantined(TaskId task, long id) {
        return Optional.empty();
    }

    @Override
    public Admission admit(TaskId task, long id, boolean verified, String by) {
        return new Admission.NotFound();
    }

    @Override
    public boolean drop(TaskId task, long id) {
        return false;
    }

    @Override
    public int dropAll(TaskId task) {
        return 0;
    }
}
