package org.cdshooks.plugin.gitpoller;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cdshooks.plugin.gitpoller.Source.Page;
import org.cdshooks.plugin.gitpoller.Source.Part;

/**
 * What a poll found, which the next one is compared with: the cursor.
 *
 * @param of the provider, server and repository that it is of
 * @param parts what there is of each part that was listed
 */
record Snapshot(String of, Map<Part, Items> parts) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * What there is of one part.
     *
     * @param states for each name what tells whether it has changed, such as the hash of a branch
     * @param pages where it was read, to ask whether it has changed
     * @param missing what was not in the last listing, but is only gone if it is not in the next one either
     */
    record Items(Map<String, String> states, List<Page> pages, Set<String> missing) {
        Items {
            states = Collections.unmodifiableMap(
                    new TreeMap<>(states)); // an order, so that equal ones are written alike
            pages = List.copyOf(pages);
            missing = Collections.unmodifiableSet(new TreeSet<>(missing));
        }
    }

    static Snapshot none(String of) {
        return new Snapshot(of, Map.of());
    }

    /** Reads a cursor. One of another repository, or of another kind of poll, says nothing. */
    static Snapshot read(String cursor, String of) {
        JsonNode json;
        try {
            json = JSON.readTree(cursor);
        } catch (JsonProcessingException e) {
            return none(of);
        }
        if (!json.path("of").asText().equals(of)) {
            return none(of);
        }
        Map<Part, Items> parts = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            JsonNode items = json.path(part.word());
            if (items.isObject()) {
                Map<String, String> states = new TreeMap<>();
                items.path("states")
                        .properties()
                        .forEach(e -> states.put(e.getKey(), e.getValue().asText()));
                List<Page> pages = new ArrayList<>();
                items.path("pages")
                        .forEach(page -> pages.add(
                                new Page(page.path(0).asText(), page.path(1).asText())));
                Set<String> missing = new LinkedHashSet<>();
                items.path("missing").forEach(name -> missing.add(name.asText()));
                parts.put(part, new Items(states, pages, missing));
            }
        }
        return new Snapshot(of, parts);
    }

    String write() {
        ObjectNode json = JSON.createObjectNode().put("of", of);
        parts.forEach((part, items) -> {
            ObjectNode node = json.putObject(part.word());
            ObjectNode states = node.putObject("states");
            new TreeMap<>(items.states).forEach(states::put);
            ArrayNode pages = node.putArray("pages");
            items.pages.forEach(page -> pages.addArray().add(page.address()).add(page.etag()));
            items.missing.stream().sorted().forEach(node.putArray("missing")::add);
        });
        return json.toString();
    }
}
