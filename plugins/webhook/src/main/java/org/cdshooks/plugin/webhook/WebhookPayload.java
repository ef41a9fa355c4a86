package org.cdshooks.plugin.webhook;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Payload;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.toolkit.FlatJson;
import org.cdshooks.toolkit.FormDecoder;
import org.cdshooks.toolkit.FormParameters;
import org.cdshooks.toolkit.JsonFlattener;
import org.cdshooks.toolkit.MediaTypes;
import org.cdshooks.toolkit.Numbers;

/**
 * Makes an event of a request that was captured. In it are, later ones replacing earlier ones of the same name:
 *
 * <ol>
 *   <li>what the task carries besides its options ({@code hookIcon}, {@code webHookURL}, {@code workflow_id}, …), without
 *       {@code project} and {@code workflow}, which say where the event goes, and without the options of the sink;
 *   <li>{@code cds.triggered_by.username} and {@code cds.triggered_by.fullname};
 *   <li>the body, if the task's method is POST, PUT or PATCH: JSON {@linkplain JsonFlattener flattened}, or the
 *       parameters of a form; other bodies are left alone, and so is JSON that is malformed or neither object nor array;
 *   <li>the parameters of the query.
 * </ol>
 *
 * <p>These are the rules of CDS, save that there a form yields no event at all and {@code application/…+json} is
 * ignored. A body that is said to be a form and is JSON by its first and last character is read as JSON.
 *
 * <p>Of a body or query that is beyond the limits of {@link JsonFlattener} or {@link FormDecoder} the event has what could
 * be had, and {@value #TRUNCATED} is {@code true}, whatever the request says; the first {@value #MAX_RAW} characters of
 * such a body are there as {@value #RAW}, unless the request gave a value of that name.
 */
final class WebhookPayload {
    /** The text of a body that is beyond the limits. */
    static final String RAW = "payload";

    /** There, and {@code true}, if values are missing for the sake of a limit. */
    static final String TRUNCATED = "payload.truncated";

    /** How many characters of a body {@link #RAW} holds at most. */
    static final int MAX_RAW = 65_536;

    private static final Logger LOG = System.getLogger(WebhookPayload.class.getName());

    private static final Set<String> METHODS_WITH_BODY = Set.of("POST", "PUT", "PATCH");

    private final Map<String, String> base;
    private final boolean takesBody;
    private final JsonFlattener flattener;

    WebhookPayload(HookConfig config) {
        Map<String, String> values = new HashMap<>(config.extras());
        values.keySet()
                .removeIf(name -> name.equals("project")
                        || name.equals("workflow")
                        || name.equals("sink")
                        || name.startsWith(SinkDescriptor.OPTION_PREFIX));
        values.put("cds.triggered_by.username", "cds.webhook");
        values.put("cds.triggered_by.fullname", "CDS Webhook");
        base = Map.copyOf(values);
        takesBody = METHODS_WITH_BODY.contains(config.get(WebhookType.METHOD));
        flattener = JsonFlattener.with(Numbers.of(config.get(WebhookType.NUMBERS)));
    }

    /**
     * Interprets a request.
     *
     * @param request what {@link HttpCall#toPayload} made; what a person sent instead may lack all or some of it
     * @return one event; a rejection if the query can't be decoded, which no retry would mend
     */
    ExecutionResult of(Payload request) {
        FormParameters query =
                FormDecoder.decode(request.attribute(HttpCall.QUERY).orElse(""));
        if (query.problem().isPresent()) {
            return ExecutionResult.rejected(
                    "The query of the request " + query.problem().get() + ".");
        }
        Map<String, String> values = new HashMap<>(base);
        boolean isTruncated = query.truncated();
        if (takesBody) {
            isTruncated |= putBody(request, values);
        }
        values.putAll(query.values());
        if (isTruncated) {
            values.put(TRUNCATED, "true");
        }
        return ExecutionResult.completed(HookEvent.of(values));
    }

    /** Adds the values of the body; tells whether some are missing for the sake of a limit. */
    private boolean putBody(Payload request, Map<String, String> values) {
        String type = MediaTypes.typeOf(request.contentType());
        if (!MediaTypes.isJson(type) && !MediaTypes.isForm(type)) {
            return false;
        }
        String text = request.text();
        boolean isJson = MediaTypes.isJson(type) || isJsonInSpiteOfItsType(text);
        Map<String, String> found;
        boolean isTruncated;
        if (isJson) {
            FlatJson json = flattener.flatten(text);
            found = json.values();
            isTruncated = json.truncated();
            json.problem().ifPresent(WebhookPayload::explain);
        } else {
            FormParameters form = FormDecoder.decode(text);
            found = form.values();
            isTruncated = form.truncated();
            form.problem().ifPresent(WebhookPayload::explain);
        }
        if (isTruncated) {
            values.put(RAW, beginning(text));
        }
        values.putAll(found);
        return isTruncated;
    }

    /**
     * Tells whether a body that is said to be a form is JSON: {@code curl -d} says so of whatever it sends. A real form has
     * no brace or bracket at its ends, since those are escaped in it.
     */
    private static boolean isJsonInSpiteOfItsType(String text) {
        String body = text.strip();
        return body.startsWith("{") && body.endsWith("}") || body.startsWith("[") && body.endsWith("]");
    }

    /** Rejecting is no answer to a strange body: CDS starts the workflow without its values, and so does this. */
    private static void explain(String problem) {
        LOG.log(Level.DEBUG, "Values are missing from an event, since the body of its request {0}.", problem);
    }

    private static String beginning(String text) {
        if (text.length() <= MAX_RAW) {
            return text;
        }
        boolean splitsPair = Character.isHighSurrogate(text.charAt(MAX_RAW - 1));
        return text.substring(0, splitsPair ? MAX_RAW - 1 : MAX_RAW);
    }
}
