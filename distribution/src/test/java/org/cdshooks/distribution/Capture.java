package org.cdshooks.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One exchange with the hooks service of CDS as it was on the wire.
 *
 * @param name the file's name, with a number if it holds several
 * @param request the request's bytes, in ISO 8859-1
 * @param status of the answer
 * @param headers of the answer, names in lower case
 * @param body of the answer, decoded
 * @param at when it was, in nanoseconds since 1970; 0 for paths that the service does not know
 * @param closed whether the server closed the connection
 */
record Capture(
        String name, String request, int status, Map<String, String> headers, String body, long at, boolean closed) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Reads all, in the order in which they were taken: each stands on what those before it have left. */
    static List<Capture> readAll(Path directory) throws IOException {
        List<Capture> captures = new ArrayList<>();
        try (var files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replaceFirst("\\.json$", "");
                JsonNode json = JSON.readTree(file.toFile());
                if (json.has("examples")) {
                    int number = 0;
                    for (JsonNode example : json.path("examples")) {
                        captures.add(ofWire(name + "#" + number++, example));
                    }
                } else {
                    captures.add(new Capture(
                            name,
                            json.path("request_raw").asText(),
                            json.path("status").asInt(),
                            headers(json),
                            json.path("response_body").asText(),
                            at(json),
                            json.path("server_closed_connection").asBoolean()));
                }
            }
        }
        captures.sort(Comparator.comparingLong(Capture::at));
        return captures;
    }

    private static Capture ofWire(String name, JsonNode json) {
        StringBuilder request = new StringBuilder(json.path("request_line").asText()).append("\r\n");
        json.path("request_headers")
                .forEach(header -> request.append(header.asText()).append("\r\n"));
        request.append("\r\n").append(json.path("request_body").asText());
        return new Capture(
                name,
                request.toString(),
                json.path("status").asInt(),
                headers(json),
                json.path("response_body_decoded").asText(),
                at(json),
                true);
    }

    private static Map<String, String> headers(JsonNode json) {
        Map<String, String> headers = new LinkedHashMap<>();
        json.path("response_headers").forEach(line -> {
            String[] header = line.asText().split(": ", 2);
            headers.put(header[0].toLowerCase(Locale.ROOT), header[1]);
        });
        return headers;
    }

    private static long at(JsonNode json) {
        return Long.parseLong(headers(json).getOrDefault("x-api-nanoseconds-time", "0"));
    }

    boolean isHead() {
        return request.startsWith("HEAD ");
    }
}
