package org.cdshooks.runtime.cds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.Secret;
import org.cdshooks.api.service.Integrations;
import org.cdshooks.api.service.ServiceException;
import org.cdshooks.api.service.ServiceException.Kind;
import org.cdshooks.api.service.VcsEvents;

/** What hook types ask of the CDS API by way of their host: platforms of a project and events of a repository (PROTOCOL 3.4, 3.5). */
final class CdsQuestions implements Integrations, VcsEvents {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final BigDecimal LONGEST_POLL =
            BigDecimal.valueOf(Duration.ofDays(1).toSeconds());

    private final CdsCalls calls;

    CdsQuestions(CdsCalls calls) {
        this.calls = calls;
    }

    @Override
    public Map<String, Secret> settings(String project, String name) throws ServiceException, InterruptedException {
        String path = "/project/" + CdsApi.part(project) + "/platforms/" + CdsApi.part(name) + "?clearPassword=true";
        String what = "the platform '" + name + "' of project " + project;
        JsonNode answer = ask(what, path, new String[0], _ -> Kind.NOT_FOUND, (body, headers) -> json(body));
        Map<String, Secret> settings = new TreeMap<>();
        for (Map.Entry<String, JsonNode> setting : answer.path("config").properties()) {
            settings.put(
                    setting.getKey(), Secret.of(setting.getValue().path("value").asText("")));
        }
        return Map.copyOf(settings);
    }

    @Override
    public Answer ask(Query query) throws ServiceException, InterruptedException {
        String path = "/hook/" + CdsApi.part(query.task().value()) + "/workflow/" + CdsApi.part(query.workflow())
                + "/vcsevent/" + CdsApi.part(query.server());
        String last = Long.toString(query.lastDone().map(CdsQuestions::nanos).orElse(0L));
        Missing missing = refused -> missing(query.task(), refused);
        return ask(
                "what happened in the repository of task " + query.task() + " at " + query.server(),
                path,
                new String[] {"X-Cds-Last-Execution", last},
                missing,
                (body, headers) -> {
                    JsonNode events = json(body);
                    return new Answer(
                            changes(events.path("push_events")),
                            changes(events.path("create_events")),
                            changes(events.path("delete_events")),
                            pullRequests(events.path("pullrequest_events")),
                            headers.apply("X-CDS-Poll-Interval").flatMap(CdsQuestions::seconds));
                });
    }

    /** Says what it means that the API does not know what was asked for. */
    @FunctionalInterface
    private interface Missing {
        Kind kind(ApiException.Refused refused);
    }

    /** A workflow that is being saved is known to the API once it has committed. */
    private Kind missing(TaskId task, ApiException.Refused refused) {
        OptionalLong revision = calls.revision(task);
        if (!refused.isNoHook() || revision.isEmpty()) {
            return Kind.NOT_FOUND;
        }
        if (calls.missingHooks()
                .missing(task, revision.getAsLong(), Instant.EPOCH)
                .isPresent()) {
            return Kind.NOT_YET;
        }
        calls.suspend(task, revision.getAsLong(), String.valueOf(refused.getMessage()));
        return Kind.NOT_FOUND;
    }

    private <T> T ask(String what, String path, String[] headers, Missing missing, CdsApi.Reading<T> reading)
            throws ServiceException, InterruptedException {
        if (!calls.hasRegistered()) {
            throw new ServiceException(
                    Kind.NOT_YET, "the CDS API can't be asked for " + what + ": not registered with it yet");
        }
        try {
            return calls.api().call("GET", path, null, headers, calls.timeout(), reading);
        } catch (ApiException e) {
            String words = "the CDS API did not tell " + what + ": " + e.getMessage();
            throw new ServiceException(kind(e, missing), words, e);
        }
    }

    private Kind kind(ApiException failure, Missing missing) {
        return switch (failure) {
            case ApiException.Away _ -> Kind.NOT_YET;
            case ApiException.Unanswered _ -> calls.problem().isPresent() ? Kind.NOT_YET : Kind.AWAY;
            case ApiException.Refused refused -> kind(refused, missing);
        };
    }

    private Kind kind(ApiException.Refused refused, Missing missing) {
        if (!refused.isOfCds()) { // by what stands before the API; heartbeats tell whether that is there
            return calls.problem().isPresent() ? Kind.NOT_YET : Kind.AWAY;
        }
        return switch (refused.status()) {
            case 404 -> missing.kind(refused);
            case 403 -> Kind.NOT_ALLOWED;
            case 401 -> { // it has forgotten this service
                calls.registerAnew();
                yield Kind.NOT_YET;
            }
            default -> Kind.AWAY;
        };
    }

    private static JsonNode json(InputStream body) throws IOException {
        JsonNode read = JSON.readTree(body);
        return read == null ? MissingNode.getInstance() : read;
    }

    private static List<Change> changes(JsonNode events) {
        List<Change> changes = new ArrayList<>();
        events.forEach(event -> changes.add(change(event)));
        return changes;
    }

    private static Change change(JsonNode event) {
        JsonNode branch = event.path("branch");
        JsonNode commit = event.path("commit");
        JsonNode author = commit.path("author");
        String ref = text(branch, "display_id");
        return new Change(
                text(event, "repo"),
                ref.isEmpty() ? text(branch, "id") : ref,
                new Commit(
                        text(commit, "id"),
                        new Author(text(author, "name"), text(author, "displayName"), text(author, "emailAddress")),
                        text(commit, "message"),
                        text(commit, "url")));
    }

    private static List<PullRequest> pullRequests(JsonNode events) {
        List<PullRequest> requests = new ArrayList<>();
        events.forEach(event -> requests.add(new PullRequest(
                text(event, "action"),
                text(event, "url"),
                text(event, "repo"),
                change(event.path("head")),
                change(event.path("base")))));
        return requests;
    }

    private static String text(JsonNode object, String name) {
        return object.path(name).asText("");
    }

    private static long nanos(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
    }

    /** Seconds as Go writes a float; what makes no sense is no wish. */
    private static Optional<Duration> seconds(String text) {
        try {
            BigDecimal seconds = new BigDecimal(text.strip());
            return seconds.signum() <= 0 || seconds.compareTo(LONGEST_POLL) > 0
                    ? Optional.empty()
                    : Optional.of(Duration.ofMillis(seconds.movePointRight(3).longValue()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
