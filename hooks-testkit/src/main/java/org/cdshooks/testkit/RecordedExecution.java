package org.cdshooks.testkit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Payload;
import org.jspecify.annotations.Nullable;

/** What a {@link HookHarness} knows of one execution at the moment of asking. Immutable. */
public final class RecordedExecution {

    /** How far an execution has come. */
    public enum State {
        /** It waits for its first attempt or, if there are {@link #failures}, for its next. */
        PENDING,
        /** It ended, completed or skipped by the hook: see {@link #result}. */
        DONE,
        /** It ended: the hook said that it can never succeed. */
        REJECTED,
        /** It was never executed, since an earlier execution was unfinished when its timer was due. */
        OVERLAPPED,
        /** It was never executed, since its timer was due while nothing was up to ring it. */
        MISSED
    }

    private final ExecutionId id;
    private final String trigger;
    private final Instant dueAt;
    private final Payload payload;
    private final State state;
    private final List<Exception> failures;
    private final @Nullable ExecutionResult result;

    private RecordedExecution(
            ExecutionId id,
            String trigger,
            Instant dueAt,
            Payload payload,
            State state,
            List<Exception> failures,
            @Nullable ExecutionResult result) {
        this.id = id;
        this.trigger = trigger;
        this.dueAt = dueAt;
        this.payload = payload;
        this.state = state;
        this.failures = List.copyOf(failures);
        this.result = result;
    }

    static RecordedExecution of(ExecutionId id, String trigger, Instant dueAt, Payload payload, State state) {
        return new RecordedExecution(id, trigger, dueAt, payload, state, List.of(), null);
    }

    RecordedExecution failed(Exception failure) {
        List<Exception> all = new ArrayList<>(failures);
        all.add(failure);
        return new RecordedExecution(id, trigger, dueAt, payload, state, all, null);
    }

    RecordedExecution ended(ExecutionResult how) {
        State end = how instanceof ExecutionResult.Rejected ? State.REJECTED : State.DONE;
        return new RecordedExecution(id, trigger, dueAt, payload, end, failures, how);
    }

    /**
     * Returns the id.
     *
     * @return the id
     */
    public ExecutionId id() {
        return id;
    }

    /**
     * Returns the name of the trigger that fired.
     *
     * @return the name; {@code "api"} if the test asked for it with {@link HookHarness#fire(Payload)}
     */
    public String trigger() {
        return trigger;
    }

    /**
     * Returns when it was emitted or due.
     *
     * @return the due time
     */
    public Instant dueAt() {
        return dueAt;
    }

    /**
     * Returns what came in.
     *
     * @return the payload
     */
    public Payload payload() {
        return payload;
    }

    /**
     * Returns how far it has come.
     *
     * @return the state
     */
    public State state() {
        return state;
    }

    /**
     * Returns what the attempts that failed threw.
     *
     * @return the exceptions, oldest first
     */
    public List<Exception> failures() {
        return failures;
    }

    /**
     * Returns how many attempts there were.
     *
     * @return 0 if it was not executed yet
     */
    public int attempts() {
        return failures.size() + (result == null ? 0 : 1);
    }

    /**
     * Returns what the hook made of it.
     *
     * @return the result, once it has ended
     */
    public Optional<ExecutionResult> result() {
        return Optional.ofNullable(result);
    }

    @Override
    public String toString() {
        return id + " by " + trigger + " due at " + dueAt + ": " + state
                + failures.stream().map(failure -> "; failed: " + failure).reduce("", String::concat);
    }
}
