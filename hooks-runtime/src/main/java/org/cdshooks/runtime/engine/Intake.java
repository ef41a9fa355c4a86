package org.cdshooks.runtime.engine;

import java.util.Optional;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.task.Arrival;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.cdshooks.runtime.task.ExecutionMarks;

/** The way in for what triggers emit: what it returns is durable. */
final class Intake {
    private final Node node;

    Intake(Node node) {
        this.node = node;
    }

    /** Stores what a request has brought as an execution. */
    AcceptResult accept(LiveHook live, String trigger, Invocation invocation, Payload payload, Arrival arrival) {
        return accept(live, trigger, invocation, payload, Optional.empty(), ExecutionMarks.NONE.arrived(arrival));
    }

    /** Stores what a listener has heard as an execution, if it has the right to speak or needs none. */
    AcceptResult accept(LiveHook live, String trigger, Invocation invocation, Optional<ListenRight> right) {
        return accept(live, trigger, invocation, invocation.payload(), right, ExecutionMarks.NONE);
    }

    private AcceptResult accept(
            LiveHook live,
            String trigger,
            Invocation invocation,
            Payload payload,
            Optional<ListenRight> right,
            ExecutionMarks marks) {
        ExecutionKey key = new ExecutionKey(live.task().type(), live.task().id(), node.nanos());
        AcceptTerms terms = new AcceptTerms(
                invocation.dedupKey(),
                live.config().service().dedupWindow(),
                node.config().maxUnfinished(),
                invocation.cursor(),
                right);
        Execution execution = Execution.of(key, trigger, live.config().masked(), payload)
                .marked(marks)
                .acceptedUnder(live.task().revision());
        return node.store().accept(execution, terms);
    }
}
