package org.cdshooks.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.RevisionView;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.TaskRecord;
import org.cdshooks.runtime.task.TaskRevision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RevisionApiTest extends ServerTest {
    private static final TaskId W = new TaskId("w");
    private static final long SECOND = 1_795_488_816_000_000_000L;

    private static TaskRecord task(String branch, long revision) {
        return TaskRecord.of(W, "Webhook", Map.of("branch", ConfigValue.of(branch)))
                .stored(revision, 1);
    }

    private void twoRevisions() {
        engine.tasks.put(W, task("dev", 9));
        engine.revisions.put(
                W,
                List.of(
                        new RevisionView(
                                new TaskRevision(task("dev", 8), TaskRevision.OPEN, SECOND),
                                Optional.of(new TreeSet<>(List.of("branch")))),
                        new RevisionView(new TaskRevision(task("main", 5).stopped("gone"), 8, 0), Optional.empty())));
    }

    @Test
    void revisionsComeNewestFirst() {
        twoRevisions();

        assertThat(get("/task/w/revision").text().strip())
                .isEqualTo("[{\"revision\":8,\"changed_at\":\"2026-11-24T02:53:36Z\",\"type\":\"Webhook\","
                        + "\"stopped\":false,\"changed\":[\"branch\"],"
                        + "\"config\":{\"branch\":{\"value\":\"dev\",\"configurable\":true,\"type\":\"string\"}}},"
                        + "{\"revision\":5,\"type\":\"Webhook\",\"stopped\":true,\"stop_reason\":\"gone\","
                        + "\"config\":{\"branch\":{\"value\":\"main\",\"configurable\":true,\"type\":\"string\"}}}]");
    }

    @Test
    void oneIsFoundByEachNumberThatTheTaskHadMeanwhile() {
        twoRevisions();

        assertThat(List.of(5, 6, 7, 8, 9).stream()
                        .map(number -> json(get("/task/w/revision/" + number))
                                .path("revision")
                                .asInt()))
                .containsExactly(5, 5, 5, 8, 8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "0", "10", "-1", "x", "99999999999999999999"})
    void oneThatIsNotKeptIs404AndThoseThatAreAreNamed(String number) {
        twoRevisions();

        JsonNode error = error(get("/task/w/revision/" + number), 404);

        assertThat(error.path("message").asText()).contains("'" + number + "'", "the last 2 changes", "8, 5");
    }

    @Test
    void aTaskThatIsNotThereIs404() {
        error(get("/task/nope/revision"), 404);
        error(get("/task/nope/revision/1"), 404);
    }
}
