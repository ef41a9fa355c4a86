package org.cdshooks.runtime.engine;

import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;

/** The way in for what triggers emit: what it returns is durable. */
final class Intake {
    private final Node node;

    Intake(Node node) {
        this.node = node;
    }

    /** Stores an invocation of a task as an execution. */
    AcceptResult accept(LiveHook live, String trigger, Invocation invocation, Payload payload) {
        ExecutionKey key = new ExecutionKey(live.task().type(), live.task().id(), node.nanos());
        AcceptTerms terms = new AcceptTerms(
                invocation.dedupKey(),
                node.config().dedupWindow(),
                node.config().maxUnfinished(),
                invocation.cursor());
        return node.store().accept(Execution.of(key, trigger, live.config().masked(), payload), terms);
    }
}
