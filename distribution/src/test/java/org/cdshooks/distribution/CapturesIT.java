package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.distribution.Distribution.waitUntil;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the hooks service of CDS was asked and how it answered, asked of this one: the captures are one session, so they are
 * sent in the order in which they were taken, to one service. Answers are the same, members and their order included, save
 * where {@code docs/cds-differences.md} says otherwise; and there they must differ, in just that way.
 */
final class CapturesIT {
    private static final Path CAPTURES = Path.of("src/test/resources/cds-captures");
    private static final Path DIFFERENCES = Path.of("../docs/cds-differences.md");
    /** How many executions of a task stay that have ended well. */
    private static final int HISTORY = 10;

    private static final String HASH = "698cb4ee-aeaa-4a42-b9e4-f62834e5eebe";
    private static final Map<Integer, Integer> ERROR_IDS = Map.of(400, 74, 401, 10, 404, 38, 405, 105, 500, 1);
    private static final Map<Integer, String> ERROR_TEXTS = Map.of(
            400, "wrong request",
            401, "not authenticated",
            404, "resource not found",
            405, "Method not allowed",
            500, "internal server error");

    /** Tasks that were there in the session and whose making was not captured: from which answer on, and what shows them. */
    private static final Map<String, String> MADE_BEFORE = Map.of(
            "mon-version#e0aafe9a-bf56-48f7-b5df-4d14945a5656", "task-get-scheduler",
            "wire-api2hooks-post_task_bulk-200#2#be71f27f-041c-423f-a59c-e6339fa606de", "task-executions-repowh-after",
            "wire-api2hooks-get_task_UUID_execution-200#0#9b239912-1db5-4b78-aacc-693d70650338",
                    "wire-api2hooks-get_task_UUID_execution-200#0");

    @TempDir
    static Path dir;

    private static Service service;
    private static Set<String> types;
    private static Differences differences;
    private static List<Capture> captures;

    @BeforeAll
    static void serve() throws Exception {
        differences = Differences.read(DIFFERENCES);
        captures = Capture.readAll(CAPTURES);
        Path data = Files.createDirectories(dir.resolve("data"));
        Files.writeString(data.resolve("service.hash"), HASH + "\n");
        service = Distribution.unpackInto(dir.resolve("dist"))
                .serve(
                        data,
                        Map.of(
                                "HOOKS_URLPUBLIC", "http://127.0.0.1:18083",
                                "HOOKS_STORE_TYPE", "memory",
                                "HOOKS_DEFAULTS_SINK", "log"));
        types = new HashSet<>();
        CdsJson.parse(service.send("GET", "/plugins", "").body())
                .path("plugins")
                .forEach(plugin -> plugin.path("hook_types").forEach(type -> types.add(type.asText())));
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    @Test
    void everyRowOfTheTablesIsAboutSomeCapture() {
        assertThat(captures).hasSizeGreaterThan(120);
        assertThat(differences.rows()).isNotEmpty();
        assertThat(differences.rows())
                .allSatisfy(row -> assertThat(row.captures())
                        .allSatisfy(name -> assertThat(captures)
                                .as(name)
                                .anyMatch(capture ->
                                        new Differences.Row(List.of(name), 0, List.of()).isOf(capture.name()))));
        assertThat(differences.needs())
                .allSatisfy(need -> assertThat(need.captures())
                        .allSatisfy(name -> assertThat(captures)
                                .as(name)
                                .anyMatch(capture ->
                                        new Differences.Row(List.of(name), 0, List.of()).isOf(capture.name()))));
    }

    @TestFactory
    Stream<DynamicTest> theAnswerIsThatOfCds() {
        return captures.stream()
                .map(capture -> dynamicTest(
                        capture.name(), CAPTURES.resolve(file(capture)).toUri(), () -> compare(capture)));
    }

    private static String file(Capture capture) {
        return capture.name().replaceFirst("#\\d+$", "") + ".json";
    }

    private void compare(Capture capture) throws Exception {
        prepare(capture);
        differences
                .neededType(capture.name())
                .ifPresent(type -> assumeTrue(
                        types.contains(type), "pending: no plugin offers hook type " + type + ", which it needs"));
        if (capture.name().endsWith("-after")) {
            awaitSettled(capture);
        }
        RawExchange answer = RawExchange.of(URI.create(service.url()).getPort(), capture);
        Optional<Differences.Row> row = differences.row(capture.name());
        assertThat(answer.status())
                .as(answer.body())
                .isEqualTo(row.map(Differences.Row::status).orElse(capture.status()));
        compareHeaders(capture, answer);
        compareBodies(capture, answer, row);
    }

    // ------------------------------------------------------------------------------------------------ state

    private static void prepare(Capture capture) throws Exception {
        for (Map.Entry<String, String> made : MADE_BEFORE.entrySet()) {
            String uuid = made.getKey().substring(made.getKey().lastIndexOf('#') + 1);
            if (!made.getKey().equals(capture.name() + "#" + uuid)) {
                continue;
            }
            JsonNode task = CdsJson.parse(captures.stream()
                    .filter(shown -> shown.name().equals(made.getValue()))
                    .findFirst()
                    .orElseThrow()
                    .body());
            String type = task.path("type").asText();
            if (types.contains(type)) {
                var answer = service.send(
                        "POST",
                        "/task",
                        "{\"uuid\":\"" + uuid + "\",\"type\":\"" + type + "\",\"config\":" + task.path("config") + "}");
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            }
        }
    }

    /** Waits until what was sent to a task has been worked on; what its timer waits for does not count. */
    private static void awaitSettled(Capture capture) throws Exception {
        String path = capture.request().split(" ")[1];
        waitUntil(path + " is settled", () -> {
            try {
                var answer = service.send("GET", path, "");
                return answer.statusCode() == 404
                        || !answer.body().contains("\"ENQUEUED\"")
                                && !answer.body().contains("\"DOING\"")
                                && answer.body().split("\"DONE\"", -1).length - 1 <= HISTORY;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    // ------------------------------------------------------------------------------------------------ headers

    private static void compareHeaders(Capture capture, RawExchange answer) {
        Map<String, String> ours = answer.headers();
        capture.headers().forEach((name, value) -> {
            switch (name) {
                case "date" -> assertThat(ours.get(name)).matches("[A-Z][a-z]{2}, .* GMT");
                case "etag" -> assertThat(ours.get(name)).matches("[0-9]{10}");
                case "x-api-nanoseconds-time" -> assertThat(ours.get(name)).matches(ours.get("etag") + "[0-9]{9}");
                case "x-api-process-time" -> assertThat(ours.get(name)).matches("[0-9]+");
                case "x-api-time" -> assertThat(ours.get(name)).matches("[-0-9]{10}T[:0-9]{8}Z");
                case "content-length" -> assertThat(ours).containsKey(name);
                case "content-encoding", "vary" -> {
                    if (answer.status() != 204) {
                        assertThat(ours).containsEntry(name, value);
                    }
                }
                case "content-type" -> {
                    if (answer.status() != 200 || !capture.body().isEmpty() || !capture.isHead()) {
                        assertThat(ours).containsEntry(name, value);
                    }
                }
                default -> assertThat(ours).containsEntry(name, value);
            }
        });
        assertThat(ours.keySet())
                .allSatisfy(name -> assertThat(capture.headers().containsKey(name)
                                || differences.headers().contains(name))
                        .as("header %s", name)
                        .isTrue());
        assertThat("close".equals(ours.get("connection"))).isEqualTo(capture.closed());
    }

    // ------------------------------------------------------------------------------------------------ bodies

    private static void compareBodies(Capture capture, RawExchange answer, Optional<Differences.Row> row) {
        if (capture.isHead()) {
            assertThat(answer.body()).isEmpty();
            return;
        }
        List<String> changes = row.map(Differences.Row::changes).orElse(List.of());
        if (!"application/json".equals(answer.headers().get("content-type")) || answer.status() == 204) {
            assertThat(changes).isEmpty();
            assertThat(answer.body()).isEqualTo(answer.status() == 204 ? "" : capture.body());
            return;
        }
        JsonNode ours = CdsJson.parse(answer.body());
        assertThat(answer.body()).as("as Go writes it").isEqualTo(CdsJson.goText(ours));
        CdsJson.removeAdded(ours, differences.members());
        if (capture.body().isEmpty() && answer.status() < 400) { // something where CDS has nothing
            assertThat(changes).isNotEmpty();
            assertThat(changes)
                    .allSatisfy(change -> assertThat(ours.at(change.substring(0, change.indexOf('='))))
                            .isEqualTo(CdsJson.value(change)));
            return;
        }
        JsonNode original = answer.status() != capture.status() && answer.status() >= 400
                ? errorOf(answer.status())
                : CdsJson.parse(capture.body());
        CdsJson.keepTypes(original, types);
        CdsJson.cutExecutions(original, ours);
        if (original
                .isArray()) { // executions beyond the history of a task may still be there, and be taken away just now
            CdsJson.forgetCounts(original);
            CdsJson.forgetCounts(ours);
        }
        CdsJson.maskVolatile(original);
        CdsJson.maskVolatile(ours);
        if (row.isPresent()) {
            String before = original.toString();
            List<String> inOrder = new ArrayList<>(changes);
            boolean sorted = inOrder.remove("order");
            inOrder.forEach(change -> CdsJson.apply(change, original, ours));
            if (sorted) {
                assertThat(ours.toString()).as("the order").isNotEqualTo(original.toString());
                CdsJson.sortByUuid(original);
                CdsJson.sortByUuid(ours);
            }
            assertThat(row.get().status() != capture.status()
                            || sorted
                            || !original.toString().equals(before))
                    .as("the row says nothing")
                    .isTrue();
        }
        assertThat(ours.toString()).isEqualTo(original.toString());
    }

    /** What the errors of a status have to be: those of CDS. */
    private static ObjectNode errorOf(int status) {
        return (ObjectNode) CdsJson.parse("{\"id\":" + ERROR_IDS.get(status) + ",\"message\":\""
                + ERROR_TEXTS.get(status) + "\",\"uuid\":\"00000000-0000-0000-0000-000000000000\"}");
    }
}
