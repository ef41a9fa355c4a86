package org.cdshooks.toolkit.gate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Reads a few texts at the top of a JSON object and steps over everything else. */
final class TopLevel {
    /** How many tokens are read at most: a sender waits. */
    static final int MAX_TOKENS = 200_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // names are the sender's: keep none of them
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .recyclerPool(JsonRecyclerPools.sharedBoundedPool())
            .build();

    private TopLevel() {}

    /**
     * Reads texts.
     *
     * @param body any bytes
     * @param names the members that are wanted
     * @return those that are there and are texts; of one that is there twice, the first. Never throws
     */
    static Map<String, String> texts(byte[] body, Set<String> names) {
        Map<String, String> found = new HashMap<>();
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return found;
            }
            int depth = 1;
            for (int i = 0; i < MAX_TOKENS && depth > 0 && found.size() < names.size(); i++) {
                JsonToken token = json.nextToken();
                if (token == null) {
                    break;
                }
                if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                } else if (depth == 1 && token == JsonToken.VALUE_STRING && names.contains(json.currentName())) {
                    found.putIfAbsent(json.currentName(), json.getText());
                }
            }
        } catch (IOException e) {
            return found; // what was read before it stopped being JSON
        }
        return found;
    }
}
