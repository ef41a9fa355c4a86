package org.cdshooks.runtime.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.engine.TaskWalk;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.task.ConfigValue;

/** {@code /task} and {@code /task/{uuid}}: the life of single tasks. */
final class TaskRoutes {
    private static final int PAGE = 100;
    private static final HeaderName REQUESTED_WITH = HeaderNames.create("X-Requested-With");
    private static final String CDS = "X-CDS-SDK";
    private static final List<String> CDS_OPTIONS = List.of("project", "workflow");
    private static final int MAX_PAGE = 1_000;

    private final Tasks tasks;
    private final TaskBody.Models models;
    private final InstantSource clock;
    private final long maxBody;

    TaskRoutes(Tasks tasks, TaskBody.Models models, InstantSource clock, long maxBody) {
        this.tasks = tasks;
        this.models = models;
        this.clock = clock;
        this.maxBody = maxBody;
    }

    void addTo(Routes routes) {
        routes.path("/task", false).on("GET", this::list).on("POST", this::create);
        routes.path("/task/{uuid}", false)
                .on("GET", this::show)
                .on("PUT", this::update)
                .on("DELETE", this::remove);
        routes.path("/task/{uuid}/start", false).order(this::start);
        routes.path("/task/{uuid}/stop", false).order(this::stop);
        routes.path("/task/{uuid}/disable", false).on("POST", exchange -> disable(exchange, false));
        routes.path("/task/{uuid}/drain", false).on("POST", exchange -> disable(exchange, true));
        routes.path("/task/{uuid}/pause", false).on("POST", this::pause);
        routes.path("/task/{uuid}/resume", false).on("POST", this::resume);
        routes.path("/task/{uuid}/schedule", false).on("GET", this::schedule);
    }

    /** Reads the id in a path; what can't be an id is the id of no task. */
    static TaskId id(Exchange exchange) {
        String text = exchange.parameter(0);
        if (!TaskId.isValid(text)) {
            throw HttpProblem.notFound("a task id is 1 to 255 of A-Z a-z 0-9 + / = _ -");
        }
        return new TaskId(text);
    }

    static HttpProblem noSuchTask(TaskId id) {
        return HttpProblem.notFound("there is no task '" + id + "'; GET /task lists them");
    }

    private void create(Exchange exchange) {
        TaskBody body = TaskBody.of(TaskBody.object(exchange.body(maxBody)), models);
        if (!body.isCds() && body.type().isEmpty()) {
            body.problems().add(new ConfigProblem("type", "is missing: name a hook type; see GET /plugins"));
        }
        body.requireSound();
        TaskId id = new TaskId(body.uuid().isEmpty() ? UUID.randomUUID().toString() : body.uuid());
        TaskView task = tasks.put(id, body.type(), body.config());
        if (body.isCds()) {
            exchange.noContent();
        } else {
            exchange.add(HeaderValues.create(
                    HeaderNames.LOCATION, "/task/" + id.value().replace("/", "%2F")));
            answer(exchange, 201, task);
        }
    }

    private void update(Exchange exchange) {
        TaskId id = id(exchange);
        byte[] bytes = exchange.body(maxBody);
        if (bytes.length == 0) {
            var _ = tasks.start(id).orElseThrow(() -> noSuchTask(id));
            exchange.noContent();
            return;
        }
        String type = tasks.find(id).orElseThrow(() -> noSuchTask(id)).task().type();
        TaskBody body = TaskBody.of(TaskBody.object(bytes), models);
        if (!body.uuid().isEmpty() && !body.uuid().equals(id.value())) {
            body.problems().add(new ConfigProblem("uuid", "is not the one in the path; leave it out"));
        }
        if (!body.type().isEmpty() && !body.type().equals(type)) {
            body.problems()
                    .add(new ConfigProblem(
                            "type", "a task keeps its type, which is '" + type + "'; make a new task for another one"));
        }
        if (TaskBody.field(body.source(), "config") == null) {
            body.problems().add(new ConfigProblem("config", "is missing: it replaces the stored one as a whole"));
        }
        body.requireSound();
        answer(exchange, 200, tasks.put(id, type, body.config()));
    }

    private void show(Exchange exchange) {
        TaskId id = id(exchange);
        answer(exchange, 200, tasks.find(id).orElseThrow(() -> noSuchTask(id)));
    }

    private void remove(Exchange exchange) {
        TaskId id = id(exchange);
        answer(exchange, 200, tasks.remove(id).orElseThrow(() -> noSuchTask(id)));
    }

    private void start(Exchange exchange) {
        TaskId id = id(exchange);
        var _ = tasks.start(id).orElseThrow(() -> noSuchTask(id));
        exchange.noContent();
    }

    private void stop(Exchange exchange) {
        TaskId id = id(exchange);
        var _ = tasks.stop(id).orElseThrow(() -> noSuchTask(id));
        exchange.noContent();
    }

    private void disable(Exchange exchange, boolean drain) {
        TaskId id = id(exchange);
        var _ = tasks.disable(id, drain).orElseThrow(() -> noSuchTask(id));
        exchange.noContent();
    }

    private void pause(Exchange exchange) {
        TaskId id = id(exchange);
        Instant until = exchange.query("until").map(text -> time("until", text)).orElse(Tasks.LAST_PAUSE);
        if (!until.isAfter(clock.instant()) || until.isAfter(Tasks.LAST_PAUSE)) {
            throw HttpProblem.badParameter(
                    "until",
                    "is not between now and " + Tasks.LAST_PAUSE + "; leave it out to pause until somebody resumes");
        }
        answer(exchange, 200, tasks.pause(id, until).orElseThrow(() -> noSuchTask(id)));
    }

    private void resume(Exchange exchange) {
        TaskId id = id(exchange);
        answer(exchange, 200, tasks.resume(id).orElseThrow(() -> noSuchTask(id)));
    }

    private static void answer(Exchange exchange, int status, TaskView task) {
        exchange.json(status, json -> ApiJson.task(json, task, Optional.empty()));
    }

    /** CDS's own clients ask for no page and read no {@code Link}: without a page, all tasks are sent. */
    private void list(Exchange exchange) {
        Optional<Order> order = exchange.query("sort").map(TaskRoutes::order);
        if (exchange.query("limit").isPresent() || exchange.query("after").isPresent()) {
            listPage(exchange, order);
        } else {
            listAll(exchange, order);
        }
    }

    /** The table in CDS's UI fails at a task that has no {@code project} or no {@code workflow}: CDS is told empty ones. */
    private static UnaryOperator<TaskView> shape(Exchange exchange) {
        if (!exchange.header(REQUESTED_WITH).equals(CDS)) {
            return view -> view;
        }
        return view -> {
            Map<String, ConfigValue> config = new TreeMap<>(view.task().config());
            CDS_OPTIONS.forEach(name -> config.putIfAbsent(name, ConfigValue.added("")));
            return view.as(view.task().withConfig(config));
        };
    }

    private void listAll(Exchange exchange, Optional<Order> order) {
        UnaryOperator<TaskView> shape = shape(exchange);
        TaskWalk<TaskView, RuntimeException> walk =
                new TaskWalk<>(PAGE, view -> view.task().id(), tasks::list);
        List<TaskView> first = walk.next();
        if (first.size() < PAGE) {
            List<TaskView> all = new ArrayList<>(first);
            order.ifPresent(by -> all.sort(by.comparator(by.count())));
            exchange.json(200, json -> tasks(json, all, shape));
            return;
        }
        if (order.isEmpty()) {
            exchange.stream(200, json -> {
                json.writeStartArray();
                for (List<TaskView> page = first; !page.isEmpty(); page = walk.next()) {
                    for (TaskView task : page) {
                        ApiJson.task(json, shape.apply(task), Optional.empty());
                    }
                }
                json.writeEndArray();
            });
            return;
        }
        List<Counted> sorted = counted(first, walk, order.get());
        exchange.stream(200, json -> {
            json.writeStartArray();
            for (Counted each : sorted) {
                Optional<TaskView> task = tasks.find(each.task());
                if (task.isPresent()) {
                    ApiJson.task(json, shape.apply(task.get()), Optional.empty());
                }
            }
            json.writeEndArray();
        });
    }

    /** What is kept of a task while all are sorted: little, for there may be many. */
    private record Counted(TaskId task, int count) {}

    private static List<Counted> counted(List<TaskView> first, TaskWalk<TaskView, RuntimeException> walk, Order order) {
        List<Counted> all = new ArrayList<>();
        for (List<TaskView> page = first; !page.isEmpty(); page = walk.next()) {
            page.forEach(
                    view -> all.add(new Counted(view.task().id(), order.count().applyAsInt(view))));
        }
        all.sort(order.comparator(Counted::count));
        return all;
    }

    private static void tasks(JsonGenerator json, List<TaskView> tasks, UnaryOperator<TaskView> shape)
            throws IOException {
        json.writeStartArray();
        for (TaskView task : tasks) {
            ApiJson.task(json, shape.apply(task), Optional.empty());
        }
        json.writeEndArray();
    }

    private void listPage(Exchange exchange, Optional<Order> order) {
        int limit = Query.number(exchange, "limit", PAGE, MAX_PAGE);
        Optional<TaskId> after = exchange.query("after").map(text -> {
            if (!TaskId.isValid(text)) {
                throw HttpProblem.badParameter("after", "is not the id of a task");
            }
            return new TaskId(text);
        });
        List<TaskView> found = tasks.list(after, limit + 1);
        List<TaskView> page = new ArrayList<>(found.subList(0, Math.min(limit, found.size())));
        if (found.size() > limit) {
            String last = page.getLast().task().id().value();
            String sort = exchange.query("sort").map(text -> "&sort=" + text).orElse("");
            exchange.add(HeaderValues.create(
                    HeaderNames.LINK,
                    "</task?limit=" + limit + "&after=" + Query.encoded(last) + sort + ">; rel=\"next\""));
        }
        order.ifPresent(by -> page.sort(by.comparator(by.count())));
        exchange.json(200, json -> tasks(json, page, shape(exchange)));
    }

    /** By which number a list is sorted. */
    private record Order(ToIntFunction<TaskView> count, boolean isDescending) {
        <T> Comparator<T> comparator(ToIntFunction<T> number) {
            Comparator<T> ascending = Comparator.comparingInt(number);
            return isDescending ? ascending.reversed() : ascending;
        }
    }

    private static Order order(String sort) {
        String[] parts = sort.split(":", 2);
        ToIntFunction<TaskView> count = switch (parts[0]) {
            case "nb_executions_total" -> task -> task.counts().total();
            case "nb_executions_todo" -> task -> task.counts().unfinished();
            default -> throw badSort(sort);
        };
        String direction = parts.length == 1 ? "asc" : parts[1];
        if (!Set.of("asc", "desc").contains(direction)) {
            throw badSort(sort);
        }
        return new Order(count, direction.equals("desc"));
    }

    private static HttpProblem badSort(String sort) {
        return HttpProblem.badParameter(
                "sort",
                "'" + sort + "' is none of nb_executions_total, nb_executions_todo, with :asc or :desc after it");
    }

    private void schedule(Exchange exchange) {
        TaskId id = id(exchange);
        int count = Query.number(exchange, "count", 10, 1_000);
        Instant from = exchange.query("from").map(text -> time("from", text)).orElseGet(clock::instant);
        List<Instant> next = tasks.schedule(id, from, count).orElseThrow(() -> noSuchTask(id));
        exchange.json(200, json -> ApiJson.times(json, next));
    }

    static Instant time(String name, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw HttpProblem.badParameter(
                    name, "'" + text + "' is not a time as of RFC 3339, such as 2027-01-01T00:00:00Z (write + as %2B)");
        }
    }
}
