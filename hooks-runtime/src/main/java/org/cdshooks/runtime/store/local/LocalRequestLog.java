package org.cdshooks.runtime.store.local;

import java.util.ArrayList;
import java.util.List;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.RequestLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of requests of a store of one process, in the same file and the same commits as everything else. */
final class LocalRequestLog implements RequestLog {
    private static final Logger LOG = LoggerFactory.getLogger(LocalRequestLog.class);

    private final Backing backing;
    private final Transitions transitions;

    LocalRequestLog(Backing backing, Transitions transitions) {
        this.backing = backing;
        this.transitions = transitions;
    }

    @Override
    public void append(Kind kind, List<Entry> entries) {
        backing.checkRoom();
        backing.awaitRoom();
        var _ = transitions.requests(rows -> rows.append(kind, entries));
    }

    @Override
    public List<Entry> list(Kind kind, TaskId task, long before, int limit) {
        backing.checkUsable();
        List<Entry> entries = new ArrayList<>();
        for (RequestRow row : transitions
                .requests(rows -> transitions.entry(task).map(entry -> rows.list(kind, entry, before, limit)))
                .result()
                .orElse(List.of())) {
            try {
                byte[] value = backing.read(org.cdshooks.runtime.store.local.Kind.BODY, row.body());
                if (value != null) { // otherwise it has been dropped since
                    entries.add(new Entry(task, row.id(), value));
                }
            } catch (DamagedValueException e) {
                LOG.error("entry {} of the requests of task {} is damaged: {}", row.id(), task, e.getMessage());
            }
        }
        return entries;
    }

    @Override
    public boolean remove(Kind kind, TaskId task, long id) {
        return durably(transitions.requests(rows -> transitions
                .entry(task)
                .map(entry -> rows.remove(kind, entry, id))
                .orElse(false)));
    }

    @Override
    public int clear(Kind kind, TaskId task) {
        return durably(transitions.requests(rows ->
                transitions.entry(task).map(entry -> rows.clear(kind, entry)).orElse(0)));
    }

    private <T> T durably(Transitions.Written<T> written) {
        backing.checkUsable();
        backing.await(written.ticket());
        return written.result();
    }
}
