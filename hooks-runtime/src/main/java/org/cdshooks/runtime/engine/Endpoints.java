package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.TaskId;

/** The endpoints of tasks: the way in for requests. */
public interface Endpoints {

    /**
     * Finds the endpoint of a task. Cheap: read from a cache that a change of the task empties.
     *
     * @param task the task
     * @return its endpoint; empty if there is no such task or nothing of it listens to requests
     */
    Optional<Endpoint> find(TaskId task);

    /** Where one task takes requests. Stays usable until the task changes, and harmless after. */
    interface Endpoint {

        /**
         * Returns which methods are taken.
         *
         * @return the methods in upper case; empty if all are
         */
        List<String> methods();

        /**
         * Returns how large a body may be.
         *
         * @return a number of bytes
         */
        long maxBody();

        /**
         * Returns how many requests a second are taken.
         *
         * @return the rate that the task's option {@code rate} gives; 0 if there is no limit
         */
        int rate();

        /**
         * Hands a request to the hook, on the caller's thread. What is accepted is durable when this returns.
         *
         * @param call the request
         * @return the answer
         * @throws org.cdshooks.api.OverloadedException if the task has too many unfinished executions
         * @throws org.cdshooks.runtime.store.StoreUnavailableException if the store is away
         * @throws org.cdshooks.runtime.plugin.PluginFailure if the hook's code failed
         * @throws InterruptedException if told to stop
         */
        default HttpReply receive(HttpCall call)
                throws org.cdshooks.runtime.plugin.PluginFailure, InterruptedException {
            return receive(call, Visit.of("", false));
        }

        /**
         * Hands a request to the hook, on the caller's thread. What is accepted is durable when this returns.
         *
         * @param call the request
         * @param visit how it is to be taken, and what hears how that goes
         * @return the answer
         * @throws org.cdshooks.api.OverloadedException if the task has too many unfinished executions
         * @throws org.cdshooks.runtime.store.StoreUnavailableException if the store is away
         * @throws org.cdshooks.runtime.plugin.PluginFailure if the hook's code failed
         * @throws InterruptedException if told to stop
         */
        HttpReply receive(HttpCall call, Visit visit)
                throws org.cdshooks.runtime.plugin.PluginFailure, InterruptedException;

        /**
         * Tells whether senders of the task wait for the end of the execution.
         *
         * @return whether {@link #answer} may take its time
         */
        default boolean waits() {
            return false;
        }

        /**
         * Puts the answer to a request together that has been {@linkplain #receive accepted}; waits for the end of its
         * execution on the caller's thread, if the task's owner wants that.
         *
         * @param receipt what was stored
         * @param headers the headers of the request, under their names in lower case
         * @param goesOn whether there is still somebody to answer; asked several times a second, false ends the wait
         * @return the answer
         * @throws InterruptedException if told to stop
         */
        default SenderAnswer answer(Receipt receipt, Map<String, List<String>> headers, BooleanSupplier goesOn)
                throws InterruptedException {
            return SenderAnswer.USUAL;
        }
    }
}
