package org.cdshooks.runtime.engine;

import java.util.Optional;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.ListenRight;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;

/** The way in for what triggers emit: what it returns is durable. */
final class Intake {
    private final Node node;

    Intake(Node node) {
        this.node = node;
    }

    /** Stores what a request has brought as an execution. */
    AcceptResult accept(LiveHook live, String trigger, Invocation invocation, Payload payload) {
        return accept(live, trigger, invocation, payload, Optional.empty());
    }

    /** Stores what a listener has heard as an execution, if it has the right to speak or needs none. */
    AcceptResult accept(LiveHook live, String trigger, Invocation invocation, Optional<ListenRight> right) {
        return accept(live, trigger, invocation, invocation.payload(), right);
    }

    private AcceptResult accept(
            LiveHook live, String trigger, Invocation invocation, Payload payload, Optional<ListenRight> right) {
        ExecutionKey key = new ExecutionKey(live.task().type(), live.task().id(), node.nanos());
        AcceptTerms terms = new AcceptTerms(
                invocation.dedupKey(),
                live.config().service().dedupWindow(),
                node.config().maxUnfinished(),
                invocation.cursor(),
                right);
        return node.store().accept(Execution.of(key, trigger, live.config().masked(), payload), terms);
    }
}
