package org.cdshooks.plugin.gitpoller;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.service.ServiceException;
import org.cdshooks.api.service.VcsEvents;

/**
 * Asks the host. Each push, and the head of each pull request, makes an event with its own values.
 *
 * <p>The cursor is when the last poll that was done had been due, which is what the host is asked since, and what it told
 * then: the time between that and the asking is told again by the next poll.
 */
final class HostPoll implements Poll {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Task task;
    private final VcsEvents host;
    private final InstantSource clock;
    private final Map<String, String> payload;

    HostPoll(Task task, VcsEvents host, InstantSource clock) {
        this.task = task;
        this.host = host;
        this.clock = clock;
        this.payload = PollerOptions.payload(task.config());
    }

    /** What the last poll left. */
    private record Cursor(Optional<Instant> since, Set<String> told) {
        static final Cursor NONE = new Cursor(Optional.empty(), Set.of());

        /** One that is of another provider says nothing. */
        static Cursor read(String text) {
            try {
                JsonNode json = JSON.readTree(text);
                if (!json.path("since").isTextual()) {
                    return NONE;
                }
                Set<String> told = new HashSet<>();
                json.path("told").forEach(key -> told.add(key.asText()));
                return new Cursor(Optional.of(Instant.parse(json.path("since").textValue())), told);
            } catch (JsonProcessingException | DateTimeParseException e) {
                return NONE;
            }
        }

        static String write(Instant since, Set<String> told) {
            ObjectNode json = JSON.createObjectNode().put("since", since.toString());
            told.forEach(json.putArray("told")::add);
            return json.toString();
        }
    }

    @Override
    public ExecutionResult run(TaskExecution execution, ExecutionContext context) throws Exception {
        Optional<String> workflow = Optional.ofNullable(task.config().extras().get("workflow_id"));
        if (workflow.isEmpty()) {
            return ExecutionResult.rejected("The task has no workflow_id, by which the CDS API knows its repository.");
        }
        Cursor cursor = execution.cursor().map(Cursor::read).orElse(Cursor.NONE);
        VcsEvents.Answer answer;
        try {
            answer = host.ask(new VcsEvents.Query(
                    task.id(), workflow.get(), task.config().get(PollerOptions.VCS_SERVER), cursor.since()));
        } catch (ServiceException e) {
            boolean isFinal =
                    e.kind() == ServiceException.Kind.NOT_FOUND || e.kind() == ServiceException.Kind.NOT_ALLOWED;
            if (!isFinal) {
                throw e;
            }
            return ExecutionResult.rejected(String.valueOf(e.getMessage()));
        }
        Set<String> told = new LinkedHashSet<>();
        List<HookEvent> events = new ArrayList<>();
        answer.pushes().forEach(push -> add(push, "push", cursor, told, events));
        answer.pullRequests()
                .forEach(request -> add(request.head(), request.action() + "|" + request.url(), cursor, told, events));
        // An older execution that is replayed does not turn the time back.
        Instant since =
                cursor.since().filter(last -> last.isAfter(execution.dueAt())).orElse(execution.dueAt());
        ExecutionResult.Completed completed = ExecutionResult.completed(events).cursor(Cursor.write(since, told));
        return answer.nextPoll()
                .map(wait -> completed.nextDue(clock.instant().plus(bounded(wait))))
                .orElse(completed);
    }

    private void add(VcsEvents.Change change, String what, Cursor cursor, Set<String> told, List<HookEvent> events) {
        String key = what + "|" + change.repository() + "|" + change.ref() + "|"
                + change.commit().hash();
        if (told.add(key) && !cursor.told().contains(key)) {
            events.add(HookEvent.of(PollerOptions.merged(payload, names(change))));
        }
    }

    /** The names of CDS; unlike those of a push that a webhook tells, the branch stands beside the tag. */
    private static Map<String, String> names(VcsEvents.Change change) {
        VcsEvents.Commit commit = change.commit();
        VcsEvents.Author author = commit.author();
        String name = change.ref().replaceFirst("^refs/(heads|tags)/", "");
        Map<String, String> names = new TreeMap<>();
        names.put("git.author", author.name());
        names.put("git.author.email", author.email());
        names.put("git.branch", name);
        names.put("git.hash", commit.hash());
        names.put("git.repository", change.repository());
        names.put("git.message", commit.message());
        names.put("cds.triggered_by.username", author.displayName());
        names.put("cds.triggered_by.fullname", author.name());
        names.put("cds.triggered_by.email", author.email());
        if (change.ref().startsWith("refs/tags/")) {
            names.put("git.tag", name);
        }
        return names;
    }

    /** The host may ask for more time, not for less; a day is the most that one answer gets. */
    private Duration bounded(Duration wait) {
        Duration interval = task.config().get(PollerOptions.INTERVAL);
        Duration least = wait.compareTo(interval) < 0 ? interval : wait;
        return least.compareTo(LONGEST) > 0 && interval.compareTo(LONGEST) < 0 ? LONGEST : least;
    }
}
