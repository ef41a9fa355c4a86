package org.cdshooks.runtime.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.RevisionView;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.task.StopMode;
import org.cdshooks.runtime.task.TaskRecord;

/** {@code /task/{uuid}/revision} and what is below: what a task was, and what it is. */
final class RevisionRoutes {
    private final Tasks tasks;

    RevisionRoutes(Tasks tasks) {
        this.tasks = tasks;
    }

    void addTo(Routes routes) {
        routes.path("/task/{uuid}/revision", false).on("GET", this::list);
        routes.path("/task/{uuid}/revision/{number}", false).on("GET", this::show);
    }

    private void list(Exchange exchange) {
        List<RevisionView> kept = kept(TaskRoutes.id(exchange));
        exchange.json(200, json -> {
            json.writeStartArray();
            for (RevisionView each : kept) {
                revision(json, each);
            }
            json.writeEndArray();
        });
    }

    private void show(Exchange exchange) {
        TaskId id = TaskRoutes.id(exchange);
        List<RevisionView> kept = kept(id);
        // numbers beyond the newest one have not been given
        long newest =
                tasks.find(id).map(TaskView::task).map(TaskRecord::revision).orElse(0L);
        long number = number(exchange.parameter(1)).filter(n -> n <= newest).orElse(0L);
        RevisionView found = kept.stream()
                .filter(each -> each.revision().holds(number))
                .findFirst()
                .orElseThrow(() -> HttpProblem.notFound("the task has no revision '" + exchange.parameter(1)
                        + "' that is kept; kept are the last " + kept.size() + " changes, which are "
                        + String.join(
                                ", ",
                                kept.stream()
                                        .map(each ->
                                                Long.toString(each.revision().number()))
                                        .toList())));
        exchange.json(200, json -> revision(json, found));
    }

    private List<RevisionView> kept(TaskId id) {
        List<RevisionView> kept = tasks.revisions(id);
        if (kept.isEmpty()) {
            throw TaskRoutes.noSuchTask(id);
        }
        return kept;
    }

    private static Optional<Long> number(String text) {
        return text.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private static void revision(JsonGenerator json, RevisionView view) throws IOException {
        TaskRecord task = view.revision().task();
        json.writeStartObject();
        json.writeNumberField("revision", view.revision().number());
        if (view.revision().changedAt() != 0) {
            json.writeStringField(
                    "changed_at",
                    Instant.ofEpochSecond(0, view.revision().changedAt()).toString());
        }
        ApiJson.text(json, "type", task.type());
        json.writeBooleanField("stopped", task.stopped());
        if (!task.stopReason().isEmpty()) {
            ApiJson.text(json, "stop_reason", task.stopReason());
        }
        if (task.stopMode() != StopMode.STOP) {
            json.writeStringField("stop_mode", task.stopMode().name().toLowerCase(Locale.ROOT));
        }
        Optional<SortedSet<String>> changed = view.changed();
        if (changed.isPresent()) {
            ApiJson.texts(json, "changed", List.copyOf(changed.get()));
        }
        ApiJson.config(json, task);
        json.writeEndObject();
    }
}
