package org.cdshooks.toolkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random trees, flattened by the loop and by the few lines of recursion that say what it is to do. */
class JsonFlattenerOracleTest {
    private static final String[] NAMES = {"a", "B", "a b", "x/Y:z", "", "É", "a.b", "0", "q\"\\\n", "\uD83D\uDE00"};
    private static final String[] STRINGS = {"", "x", "A b", "null", "\u0000", "\"\\/", "é\uD83D\uDE00", "{", "true"};

    private final ObjectMapper mapper = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theLoopSaysWhatTheRecursionSays(long seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            JsonNode tree = container(random, 1 + random.nextInt(6));
            Map<String, String> expected = new LinkedHashMap<>();
            recurse("", "", tree, expected);
            String json = random.nextBoolean()
                    ? mapper.writeValueAsString(tree)
                    : mapper.writerWithDefaultPrettyPrinter().writeValueAsString(tree);

            FlatJson flat = JsonFlattener.with(Numbers.EXACT).flatten(json);

            assertThat(flat.problem()).as(json).isEmpty();
            assertThat(flat.values()).as(json).isEqualTo(expected);
        }
    }

    private static void recurse(String path, String segment, JsonNode node, Map<String, String> values) {
        switch (node) {
            case ObjectNode object ->
                object.properties().stream()
                        .filter(member -> !member.getKey().isEmpty())
                        .forEach(member -> {
                            String name =
                                    member.getKey().replaceAll("[ /:]", "_").toLowerCase(Locale.ROOT);
                            recurse(path.isEmpty() ? name : path + "." + name, name, member.getValue(), values);
                        });
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    String name = segment + i;
                    recurse(path.isEmpty() ? name : path + "." + name, name, array.get(i), values);
                }
            }
            default -> values.put(path, node.isNull() ? "" : node.asText());
        }
    }

    private static JsonNode container(Random random, int depth) {
        int size = random.nextInt(5);
        if (random.nextBoolean()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (int i = 0; i < size; i++) {
                array.add(node(random, depth - 1));
            }
            return array;
        }
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < size; i++) {
            object.set(NAMES[random.nextInt(NAMES.length)], node(random, depth - 1));
        }
        return object;
    }

    private static JsonNode node(Random random, int depth) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (depth > 0 && random.nextInt(3) > 0) {
            return container(random, depth);
        }
        return switch (random.nextInt(4)) {
            case 0 -> nodes.booleanNode(random.nextBoolean());
            case 1 -> nodes.nullNode();
            case 2 -> nodes.numberNode(random.nextLong());
            default -> nodes.textNode(STRINGS[random.nextInt(STRINGS.length)]);
        };
    }
}
