package org.cdshooks.runtime.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.PluginFailure;
import org.cdshooks.runtime.store.RequestLog;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.task.Arrival;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.HeldRequest;
import org.cdshooks.runtime.task.MalformedRecordException;
import org.cdshooks.runtime.task.RequestJson;
import org.cdshooks.runtime.task.Seal;
import org.cdshooks.runtime.task.TurnedAway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the trace together of what is logged and of executions, and keeps the quarantine. */
final class RequestDesk implements Requests {
    private static final Logger LOG = LoggerFactory.getLogger(RequestDesk.class);
    private static final String DUPLICATE = "duplicate of ";

    private final Node node;
    private final Endpoints endpoints;
    private final RequestWriter writer;
    private final Seal seal;

    RequestDesk(Node node, Endpoints endpoints, RequestWriter writer, Seal seal) {
        this.node = node;
        this.endpoints = endpoints;
        this.writer = writer;
        this.seal = seal;
    }

    private RequestLog log() {
        return node.store().requests();
    }

    @Override
    public void turnedAway(TaskId task, TurnedAway what, Optional<Refused> refused) {
        if (refused.isEmpty() || !node.config().quarantine()) {
            writer.offer(task, what, Optional.empty());
            return;
        }
        boolean isKept = refused.get().bytes() <= RequestWriter.MAX_BODY;
        List<Arrival.Step> steps = new ArrayList<>(what.steps());
        steps.add(new Arrival.Step(
                "quarantine",
                isKept
                        ? "kept: it can be let in later"
                        : "not kept: its body has more than " + RequestWriter.MAX_BODY + " bytes"));
        TurnedAway told = new TurnedAway(
                what.at(),
                what.sender(),
                what.method(),
                what.path(),
                what.status(),
                steps,
                what.stoppedBy(),
                what.reason(),
                0);
        writer.offer(task, told, isKept ? refused : Optional.empty());
    }

    /** What has not been written yet is told of, too: on this node nobody has to wait for it. */
    private void flush() {
        try {
            var _ = writer.pass();
        } catch (StoreUnavailableException e) {
            LOG.debug("The log of requests waits for the store: {}", e.getMessage());
        }
    }

    // ------------------------------------------------------------------------------------------------------- trace

    @Override
    public Page trace(TaskId task, long before, int limit) {
        flush();
        List<Execution> executions = node.store().executions(task, before, limit);
        List<RequestLog.Entry> entries = log().list(RequestLog.Kind.TRACE, task, before, limit);
        // below this, what was not read may come in between
        long floor = Math.max(
                executions.size() < limit
                        ? Long.MIN_VALUE
                        : executions.getLast().key().timestamp(),
                entries.size() < limit ? Long.MIN_VALUE : entries.getLast().id());
        List<Timed> all = new ArrayList<>();
        for (Execution execution : executions) {
            if (ExecutionTrace.isOfRequest(execution)) {
                all.add(new Timed(execution.key().timestamp(), ExecutionTrace.of(execution)));
            }
        }
        for (RequestLog.Entry entry : entries) {
            traced(entry).ifPresent(trace -> all.add(new Timed(entry.id(), trace)));
        }
        List<Timed> page = all.stream()
                .filter(each -> each.id() >= floor)
                .sorted(Comparator.comparingLong(Timed::id).reversed())
                .toList();
        boolean isCut = page.size() > limit;
        List<Timed> shown = isCut ? page.subList(0, limit) : page;
        OptionalLong next = isCut
                ? OptionalLong.of(shown.getLast().id())
                : floor == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(floor);
        return new Page(shown.stream().map(Timed::trace).toList(), next);
    }

    private record Timed(long id, Trace trace) {}

    private static Optional<Trace> traced(RequestLog.Entry entry) {
        try {
            TurnedAway what = RequestJson.turnedAway(entry.value());
            return Optional.of(new Trace(what, duplicateOf(what)));
        } catch (MalformedRecordException e) {
            LOG.warn("Entry {} of the trace of task {} is left out: {}", entry.id(), entry.task(), e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<String> duplicateOf(TurnedAway what) {
        return what.steps().stream()
                .map(Arrival.Step::words)
                .filter(words -> words.startsWith(DUPLICATE))
                .map(words -> words.substring(DUPLICATE.length()))
                .filter(id -> ExecutionKey.parse(id).isPresent())
                .findFirst();
    }

    /** Says of which execution a delivery is a duplicate, so that the trace can point at it. */
    static String duplicate(Receipt first) {
        return DUPLICATE + first.id().value();
    }

    // -------------------------------------------------------------------------------------------------- quarantine

    @Override
    public List<Held> quarantine(TaskId task) {
        flush();
        Set<String> named = namedByConfig(task);
        List<Held> all = new ArrayList<>();
        for (RequestLog.Entry entry :
                log().list(RequestLog.Kind.QUARANTINE, task, Long.MAX_VALUE, RequestLog.Kind.QUARANTINE.count())) {
            shown(entry, named).ifPresent(all::add);
        }
        return all;
    }

    @Override
    public Optional<Held> quarantined(TaskId task, long id) {
        flush();
        return log().find(RequestLog.Kind.QUARANTINE, task, id).flatMap(entry -> shown(entry, namedByConfig(task)));
    }

    private Optional<Held> shown(RequestLog.Entry entry, Set<String> named) {
        try {
            return Optional.of(new Held(entry.id(), masked(opened(entry), named)));
        } catch (Seal.CanNotOpenException | MalformedRecordException e) {
            LOG.warn("Request {} in the quarantine of task {} {}", entry.id(), entry.task(), e.getMessage());
            return Optional.empty();
        }
    }

    private HeldRequest opened(RequestLog.Entry entry) throws Seal.CanNotOpenException {
        return RequestJson.held(seal.open(entry.task(), RequestWriter.SEALED_AS, entry.value()));
    }

    private Set<String> namedByConfig(TaskId task) {
        return node.store().task(task).map(CredentialHeaders::named).orElse(Set.of());
    }

    private static HeldRequest masked(HeldRequest held, Set<String> named) {
        return held.with(
                CredentialHeaders.blankedQuery(held.query()), CredentialHeaders.blanked(held.headers(), named));
    }

    @Override
    public Admission admit(TaskId task, long id, boolean verified, String by)
            throws PluginFailure, InterruptedException {
        flush();
        Optional<RequestLog.Entry> entry = log().find(RequestLog.Kind.QUARANTINE, task, id);
        if (entry.isEmpty()) {
            return new Admission.NotFound();
        }
        HeldRequest held;
        try {
            held = opened(entry.get());
        } catch (Seal.CanNotOpenException | MalformedRecordException e) {
            return new Admission.Refused("it " + e.getMessage());
        }
        Optional<Endpoints.Endpoint> endpoint = endpoints.find(task);
        if (endpoint.isEmpty()) {
            return new Admission.Refused("the task takes no requests");
        }
        List<String> methods = endpoint.get().methods();
        if (!methods.isEmpty() && !methods.contains(held.method())) {
            return new Admission.Refused("the task takes " + String.join(", ", methods) + " only");
        }
        // no header can have this key, so it is nobody's delivery
        Visit visit = Visit.ofHeld(held.sender(), verified, "\0quarantine " + id);
        visit.explain(
                "quarantine",
                "came in at " + Instant.ofEpochSecond(0, held.at()) + ", was refused (" + held.reason()
                        + ") and let in by " + by + (verified ? "" : ", who asked not to verify it"));
        HttpReply reply = endpoint.get().receive(new HeldCall(held), visit);
        if (reply.receipt().isEmpty()) {
            return new Admission.Refused("answered with " + reply.status() + ": " + reply.body());
        }
        var _ = log().remove(RequestLog.Kind.QUARANTINE, task, id);
        return new Admission.Admitted(reply.receipt().get());
    }

    @Override
    public boolean drop(TaskId task, long id) {
        flush();
        return log().remove(RequestLog.Kind.QUARANTINE, task, id);
    }

    @Override
    public int dropAll(TaskId task) {
        flush();
        return log().clear(RequestLog.Kind.QUARANTINE, task);
    }
}
