package org.cdshooks.runtime.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.Executions;
import org.cdshooks.runtime.engine.Executions.ReplayFilter;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.cdshooks.runtime.task.ReplayConfig;

/** {@code /task/{uuid}/execution} and what is below. */
final class ExecutionRoutes {
    private static final int PAGE = 100;
    private static final int MAX_PAGE = 1_000;
    private static final int REPLAYS = 1_000;

    private final Tasks tasks;
    private final Executions executions;
    private final InstantSource clock;

    ExecutionRoutes(Tasks tasks, Executions executions, InstantSource clock) {
        this.tasks = tasks;
        this.executions = executions;
        this.clock = clock;
    }

    void addTo(Routes routes) {
        routes.path("/task/{uuid}/execution", false).on("GET", this::list).on("DELETE", this::removeAll);
        routes.path("/task/{uuid}/execution/replay", false)
                .on("GET", this::replays)
                .on("POST", this::replayAll)
                .on("DELETE", this::stopReplay);
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
        boolean isPage =
                exchange.query("limit").isPresent() || exchange.query("before").isPresent();
        if (!isPage && found.size() > limit) { // CDS's own clients ask for no page and read no Link
            exchange.stream(
                    200, json -> ApiJson.task(json, task, Optional.<Iterable<Execution>>of(() -> all(id, found))));
            return;
        }
        List<Execution> page = found.subList(0, Math.min(limit, found.size()));
        if (found.size() > limit) {
            exchange.add(HeaderValues.create(
                    HeaderNames.LINK,
                    "<" + exchange.path() + "?limit=" + limit + "&before="
                            + page.getLast().key().timestamp() + ">; rel=\"next\""));
        }
        exchange.json(200, json -> ApiJson.task(json, task, Optional.of(page)));
    }

    /** Goes through all executions of a task, of which some have been read, a page at a time. */
    private Iterator<Execution> all(TaskId id, List<Execution> first) {
        return new Iterator<>() {
            private Iterator<Execution> page = first.iterator();
            private long last = Long.MAX_VALUE;

            @Override
            public boolean hasNext() {
                if (!page.hasNext() && last != Long.MAX_VALUE) {
                    page = executions.list(id, last, PAGE).iterator();
                }
                return page.hasNext();
            }

            @Override
            public Execution next() {
                Execution next = page.next();
                last = next.key().timestamp();
                return next;
            }
        };
    }

    static long before(String text) {
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
        answer(exchange, 202, executions.replay(TaskRoutes.id(exchange), timestamp(exchange), config(exchange)));
    }

    private void replayAll(Exchange exchange) {
        TaskId id = TaskRoutes.id(exchange);
        ReplayFilter which = new ReplayFilter(
                exchange.query("state").map(ExecutionRoutes::finished).orElse(ExecutionStatus.FAILED),
                exchange.query("from").map(text -> nanos("from", text)).orElse(0L),
                exchange.query("to").map(text -> nanos("to", text)).orElseGet(() -> nanos(clock.instant())),
                exchange.query("error").orElse(""),
                Query.number(exchange, "limit", REPLAYS, ReplayFilter.MAX));
        if (which.from() >= which.to()) {
            throw HttpProblem.badParameter("from", "is not before 'to': no execution is between them");
        }
        switch (executions.replayAll(id, which, config(exchange), exchange.peer())) {
            case Executions.ReplayStart.Started _ -> answerReplays(exchange, 202, id);
            case Executions.ReplayStart.NoSuchTask _ -> throw TaskRoutes.noSuchTask(id);
            case Executions.ReplayStart.Refused refused -> throw HttpProblem.of(409, refused.reason());
        }
    }

    private static ReplayConfig config(Exchange exchange) {
        return switch (exchange.query("config").orElse("now")) {
            case "now" -> ReplayConfig.NOW;
            case "then" -> ReplayConfig.THEN;
            default ->
                throw HttpProblem.badParameter(
                        "config",
                        "'" + exchange.query("config").orElse("")
                                + "' is neither 'now', the config that the task has, nor 'then', that under which"
                                + " the execution was accepted");
        };
    }

    private static ExecutionStatus finished(String text) {
        return switch (text) {
            case "failed" -> ExecutionStatus.FAILED;
            case "done" -> ExecutionStatus.DONE;
            default -> throw HttpProblem.badParameter("state", "'" + text + "' is neither 'failed' nor 'done'");
        };
    }

    private static long nanos(String name, String text) {
        return nanos(TaskRoutes.time(name, text));
    }

    static long nanos(Instant time) {
        try {
            return Math.max(
                    0, Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano()));
        } catch (ArithmeticException e) {
            return time.getEpochSecond() < 0 ? 0 : Long.MAX_VALUE;
        }
    }

    private void replays(Exchange exchange) {
        TaskId id = TaskRoutes.id(exchange);
        if (tasks.find(id).isEmpty()) {
            throw TaskRoutes.noSuchTask(id);
        }
        answerReplays(exchange, 200, id);
    }

    private void stopReplay(Exchange exchange) {
        TaskId id = TaskRoutes.id(exchange);
        if (executions.stopReplay(id, exchange.peer()).isEmpty()) {
            throw HttpProblem.notFound("no replay of this task is under way on this node");
        }
        answerReplays(exchange, 200, id);
    }

    private void answerReplays(Exchange exchange, int status, TaskId id) {
        Executions.Replays replays = executions.replays(id);
        exchange.json(status, json -> ApiJson.replays(json, replays));
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

    static Optional<Long> timestamp(String text) {
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
