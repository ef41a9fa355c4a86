package org.cdshooks.runtime.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.Executions;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.task.Execution;

/** {@code /task/{uuid}/execution} and what is below. */
final class ExecutionRoutes {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;

    private final Tasks tasks;
    private final Executions executions;

    ExecutionRoutes(Tasks tasks, Executions executions) {
        this.tasks = tasks;
        this.executions = executions;
    }

    void addTo(Routes routes) {
        routes.path("/task/{uuid}/execution", false).on("GET", this::list).on("DELETE", this::removeAll);
        routes.path("/task/{uuid}/execution/{timestamp}", false).on("GET", this::show);
        routes.path("/task/{uuid}/execution/{timestamp}/replay", false).on("POST", this::replay);
        routes.path("/task/{uuid}/execution/{timestamp}/stop", false).on("POST", this::stop);
    }

    private void list(Exchange exchange) {
        TaskId id = TaskRoutes.id(exchange);
        int limit = Query.number(exchange, "limit", PAGE, MAX_PAGE);
        long before = exchange.query("before").map(ExecutionRoutes::before).orElse(Long.MAX_VALUE);
        TaskView task = tasks.find(id).orElseThrow(() -> TaskRoutes.noSuchTask(id));
        List<Execution> found = executions.list(id, before, limit + 1);
        List<Execution> page = found.subList(0, Math.min(limit, found.size()));
        if (found.size() > limit) {
            exchange.add(HeaderValues.create(
                    HeaderNames.LINK,
                    "<" + exchange.path() + "?limit=" + limit + "&before="
                            + page.getLast().key().timestamp() + ">; rel=\"next\""));
        }
        exchange.json(200, json -> ApiJson.task(json, task, Optional.of(page)));
    }

    private static long before(String text) {
        return timestamp(text)
                .orElseThrow(() -> HttpProblem.badParameter(
                        "before", "'" + text + "' is not a timestamp in nanoseconds since 1970"));
    }

    private void removeAll(Exchange exchange) {
        TaskId id = TaskRoutes.id(exchange);
        if (tasks.find(id).isEmpty()) {
            throw TaskRoutes.noSuchTask(id);
        }
        executions.removeAll(id);
        TaskView task = tasks.find(id).orElseThrow(() -> TaskRoutes.noSuchTask(id));
        exchange.json(200, json -> ApiJson.task(json, task, Optional.empty()));
    }

    private void show(Exchange exchange) {
        Execution execution =
                executions.find(TaskRoutes.id(exchange), timestamp(exchange)).orElseThrow(() -> noSuchExecution());
        exchange.json(200, json -> ApiJson.execution(json, execution));
    }

    private void replay(Exchange exchange) {
        answer(exchange, 202, executions.replay(TaskRoutes.id(exchange), timestamp(exchange)));
    }

    private void stop(Exchange exchange) {
        answer(exchange, 200, executions.stop(TaskRoutes.id(exchange), timestamp(exchange)));
    }

    private static void answer(Exchange exchange, int status, Executions.Outcome outcome) {
        switch (outcome) {
            case Executions.Outcome.Done done ->
                exchange.json(status, json -> ApiJson.execution(json, done.execution()));
            case Executions.Outcome.NotFound _ -> throw noSuchExecution();
            case Executions.Outcome.Refused refused -> throw HttpProblem.of(409, refused.reason());
        }
    }

    private static long timestamp(Exchange exchange) {
        return timestamp(exchange.parameter(1)).orElseThrow(() -> noSuchExecution());
    }

    static HttpProblem noSuchExecution() {
        return HttpProblem.notFound(
                "the task has no execution of that timestamp; GET /task/{uuid}/execution lists them");
    }

    private static Optional<Long> timestamp(String text) {
        if (!text.matches("[0-9]{1,19}")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
