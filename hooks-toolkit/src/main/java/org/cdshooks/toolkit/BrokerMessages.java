package org.cdshooks.toolkit;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Payload;
import org.cdshooks.api.config.ConfigOption;

/**
 * What hook types that listen to a message broker have in common: the options on messages, and how an event is made of one.
 * All that a type adds to a message stands under one prefix, such as {@code kafka.}, and nothing in a message replaces it.
 */
public final class BrokerMessages {
    /** How many bytes {@link #MAX_MESSAGE} allows at most. */
    public static final int MAX_MAX_MESSAGE = 25 * 1024 * 1024;

    /** How many characters of a message that is no JSON are in the event. */
    public static final int MAX_TEXT = 65_536;

    /** There, and {@code true}, if values are missing for the sake of a limit. */
    public static final String TRUNCATED = "payload.truncated";

    /** How large a message may be. */
    public static final ConfigOption<Integer> MAX_MESSAGE = ConfigOption.integer(
                    "maxMessage",
                    "How many bytes a message may have, up to " + MAX_MAX_MESSAGE
                            + " (25 MiB); a larger one becomes a failed execution without its content.")
            .withDefault(1024 * 1024)
            .where(
                    bytes -> bytes >= 1 && bytes <= MAX_MAX_MESSAGE,
                    "must be a number of bytes from 1 to " + MAX_MAX_MESSAGE + " (25 MiB)");

    /** How numbers are written; for {@link Numbers#of}. */
    public static final ConfigOption<String> NUMBERS = ConfigOption.choice(
                    "numbers",
                    "How numbers of a message are written: 'exact' keeps whole numbers of up to 64 bits as they are; 'go'"
                            + " writes them as CDS always has, such as 1e+06 for 1000000.",
                    "exact",
                    "go")
            .withDefault("exact");

    private BrokerMessages() {}

    /**
     * Makes an event of what was stored; what a person sent instead may lack all that is beside the body. A text that is no
     * JSON object or array, or that is beyond the limits of flattening, stands under {@code <prefix>message}.
     *
     * @param payload what was stored; its attribute {@code <prefix>problem}, if it is there, says why nothing can be made of it
     * @param numbers how numbers are written
     * @param prefix what the names of the type's own attributes begin with; they are in the event, too
     * @return one event, or a rejection with the problem
     */
    public static ExecutionResult interpret(Payload payload, Numbers numbers, String prefix) {
        Optional<String> problem = payload.attribute(prefix + "problem");
        if (problem.isPresent()) {
            return ExecutionResult.rejected(problem.get());
        }
        String text = payload.text();
        FlatJson json = JsonFlattener.with(numbers).parsingStrings().flatten(text);
        Map<String, String> values = new TreeMap<>(json.values());
        if (json.truncated()) {
            values.put(TRUNCATED, "true");
        }
        payload.attributes().keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .forEach(name -> values.put(name, payload.attribute(name).orElse("")));
        if (json.problem().isPresent() && !text.isEmpty()) {
            values.put(prefix + "message", beginning(text));
        }
        return ExecutionResult.completed(HookEvent.of(values));
    }

    private static String beginning(String text) {
        if (text.length() <= MAX_TEXT) {
            return text;
        }
        boolean splitsPair = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1));
        return text.substring(0, splitsPair ? MAX_TEXT - 1 : MAX_TEXT);
    }
}
