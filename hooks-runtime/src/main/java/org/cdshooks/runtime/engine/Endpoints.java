package org.cdshooks.runtime.engine;

import java.util.List;
import java.util.Optional;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
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
    }
}
