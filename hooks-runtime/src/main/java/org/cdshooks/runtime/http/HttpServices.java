package org.cdshooks.runtime.http;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.cdshooks.runtime.engine.Endpoints;
import org.cdshooks.runtime.engine.EngineStatus;
import org.cdshooks.runtime.engine.Executions;
import org.cdshooks.runtime.engine.Requests;
import org.cdshooks.runtime.engine.StatusLine;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.plugin.PluginReport;

/**
 * What the routes call.
 *
 * @param tasks the life of tasks
 * @param executions what people ask of executions
 * @param endpoints the way in for requests
 * @param requests what is told and kept of requests
 * @param status how the engine is doing; called for every {@code /mon/status} and {@code /health/ready}
 * @param stopped why this process does nothing any more until it is started again; called for every {@code /health/live}
 * @param more lines that others add to {@code /mon/status}
 * @param maintenance stops ({@code true}) or allows the work on executions, on all nodes
 * @param plugins what became of each plugin
 * @param typeOfModel finds the hook type that serves a CDS hook model, by the model's name
 * @param clock the clock
 * @param extensions routes of others; none may hide a route of the API
 */
public record HttpServices(
        Tasks tasks,
        Executions executions,
        Endpoints endpoints,
        Requests requests,
        Supplier<EngineStatus> status,
        Supplier<Optional<String>> stopped,
        Supplier<List<StatusLine>> more,
        Consumer<Boolean> maintenance,
        Supplier<PluginReport> plugins,
        Function<String, Optional<String>> typeOfModel,
        InstantSource clock,
        List<HttpExtension> extensions) {
    /** Copies the extensions. */
    public HttpServices {
        extensions = List.copyOf(extensions);
    }
}
