package org.cdshooks.runtime.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.engine.EngineStatus;
import org.cdshooks.runtime.engine.StatusLine;

/**
 * The document of {@code GET /mon/status} (PROTOCOL 6), which a registration with a CDS API carries, too. Read in constant
 * time, by anybody: no line names a task.
 */
public final class StatusDocument {
    private static final String VERSION = "Version";
    private static final String OK = "OK";
    private static final String WARN = "WARN";
    private static final String ALERT = "AL";
    private static final String TASK_STOPPED = "Task Stopped";

    private StatusDocument() {}

    /** One line: how a part of the service is doing. */
    private record Line(String status, String component, String value) {}

    /**
     * Renders the document.
     *
     * @param status how the engine is doing
     * @param more lines that others add; a {@code Version} among them takes the place of ours
     * @param config the thresholds, and what was built
     * @param now the time
     * @return JSON
     */
    public static byte[] json(EngineStatus status, List<StatusLine> more, HttpConfig config, Instant now) {
        Map<String, Line> added = new LinkedHashMap<>();
        more.forEach(
                line -> added.put(line.component(), new Line(line.level().name(), line.component(), line.value())));
        List<Line> lines = lines(status, Optional.ofNullable(added.remove(VERSION)), config, now);
        lines.addAll(added.values());
        return GoJson.bytes(json -> {
            json.writeStartObject();
            json.writeStringField("now", now.toString());
            json.writeArrayFieldStart("lines");
            for (Line line : lines) {
                write(json, line);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, Line line) throws IOException {
        json.writeStartObject();
        json.writeStringField("status", line.status());
        json.writeStringField("component", line.component());
        json.writeStringField("value", GoJson.text(line.value()));
        json.writeStringField("type", "");
        json.writeEndObject();
    }

    private static List<Line> lines(EngineStatus status, Optional<Line> version, HttpConfig config, Instant now) {
        long queued = status.counts().queued();
        String queue = queued >= config.queueAlert() ? ALERT : queued >= config.queueWarn() ? WARN : OK;
        ZonedDateTime time = now.atZone(ZoneOffset.UTC);
        List<Line> lines = new ArrayList<>();
        lines.add(version.orElseGet(() -> new Line(OK, VERSION, config.build().version())));
        lines.add(new Line(OK, "Uptime", goDuration(Duration.between(status.startedAt(), now))));
        lines.add(new Line(OK, "Time", time.getHour() + "h" + time.getMinute() + "m" + time.getSecond() + "s"));
        lines.add(new Line(queue, "Queue", Long.toString(queued)));
        addStopped(status.stopped(), lines);
        lines.add(new Line(
                status.storeProblem().isEmpty() ? OK : ALERT,
                "Store",
                status.storeProblem().orElse("works")));
        if (version.isPresent()) {
            lines.add(new Line(OK, "Build", config.build().version()));
        }
        // Standing advice: the log has it as a warning at the start, and a status that warns for ever warns of nothing.
        lines.add(new Line(OK, "Durability", status.durability()));
        lines.add(new Line(
                OK,
                "Secrets",
                status.sealed() ? "are encrypted before they are stored" : EngineStatus.SECRETS_IN_CLEAR));
        lines.add(new Line(OK, "Tasks", Long.toString(status.counts().tasks())));
        lines.add(new Line(status.parked() == 0 ? OK : WARN, "Tasks Parked", Long.toString(status.parked())));
        long paused = status.counts().paused();
        lines.add(new Line(paused == 0 ? OK : WARN, "Tasks Paused", Long.toString(paused)));
        lines.add(new Line(OK, "Execs Waiting", Long.toString(status.counts().waiting())));
        lines.add(new Line(OK, "Execs Doing", status.counts().doing() + " (" + status.running() + " of them here)"));
        lines.add(new Line(
                status.failedRecently() == 0 ? OK : WARN,
                "Execs Failed",
                status.counts().failed() + " (" + status.failedRecently() + " in the last hour here)"));
        lines.add(new Line(
                OK,
                "Since Start",
                status.done() + " done, " + status.failed() + " failed, " + status.retried() + " retried, "
                        + status.skipped() + " skipped, " + status.counts().refused() + " refused as too late"));
        lines.add(new Line(
                OK,
                "Requests",
                status.requests().stored() + " stored, " + status.requests().unverified()
                        + " of them from senders that are not verified; "
                        + status.requests().refused() + " refused as not verified"
                        + (status.requests().held() == 0
                                ? ""
                                : "; " + status.requests().held() + " of them kept in quarantine")
                        + (status.requests().leftOut() == 0
                                ? ""
                                : "; " + status.requests().leftOut() + " too many to be noted in traces")));
        lines.add(new Line(
                OK,
                "Nodes",
                status.nodes().size() + " (" + String.join(", ", status.nodes()) + "); this one is " + status.node()));
        lines.add(
                status.maintenance()
                        ? new Line(
                                WARN, "Maintenance", "on: nothing is worked on, on any node, until it is switched off")
                        : new Line(OK, "Maintenance", "off"));
        status.clockProblem().ifPresent(problem -> lines.add(new Line(WARN, "Clock", problem)));
        if (status.draining()) {
            lines.add(new Line(WARN, "State", "stopping"));
        }
        return lines;
    }

    private static void addStopped(Set<TaskId> stopped, List<Line> lines) {
        if (!stopped.isEmpty()) { // anybody may read this, and the address of a task can be all that protects it
            lines.add(new Line(WARN, TASK_STOPPED, stopped.size() + "; GET /task tells which"));
        }
    }

    /** Writes a duration as Go does, such as {@code 1h2m3.5s}. */
    static String goDuration(Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            return "0s";
        }
        long nanos = duration.toNanosPart();
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            return nanos >= 1_000_000
                    ? fraction(nanos, 1_000_000, 6) + "ms"
                    : nanos >= 1_000 ? fraction(nanos, 1_000, 3) + "µs" : nanos + "ns";
        }
        String seconds = fraction(duration.toSecondsPart() * 1_000_000_000L + nanos, 1_000_000_000, 9) + "s";
        long hours = duration.toHours();
        int minutes = duration.toMinutesPart();
        return (hours > 0 ? hours + "h" : "") + (hours > 0 || minutes > 0 ? minutes + "m" : "") + seconds;
    }

    private static String fraction(long value, long unit, int digits) {
        String rest = Long.toString(value % unit);
        String padded = ("0".repeat(digits - rest.length()) + rest).replaceAll("0+$", "");
        return value / unit + (padded.isEmpty() ? "" : "." + padded);
    }
}
