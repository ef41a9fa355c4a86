package org.cdshooks.runtime.engine;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.runtime.filter.AnswerTemplate;
import org.cdshooks.runtime.task.ExecutionKey;

/**
 * What a task's owner wants the senders of its requests to get, whatever its type.
 *
 * @param status the status
 * @param body the template of the body; empty for the usual one
 * @param contentType the media type of that body
 * @param patience how long the sender waits for the end of the execution
 */
record AnswerOptions(int status, Optional<AnswerTemplate> body, String contentType, Duration patience) {
    /** How a sender is answered if nobody says otherwise. */
    static final AnswerOptions NONE = new AnswerOptions(200, Optional.empty(), "", Duration.ZERO);

    static final ConfigOption<Integer> STATUS = ConfigOption.integer(
                    "answer.status", "The status that the sender of a request gets once it is stored.")
            .where(
                    status -> status >= 200 && status <= 299,
                    "must be 200 to 299: the request is stored by then, and a sender that gets another status sends it again");

    static final ConfigOption<String> BODY = ConfigOption.string(
            "answer.body",
            "The body that the sender gets: a text with {execution}, {task}, {duplicate}; with answer.wait also {status}, "
                    + "{error}, {run}, {answer} and values of the event.");

    static final ConfigOption<String> CONTENT_TYPE = ConfigOption.string(
            "answer.contentType",
            "The media type of answer.body; application/json or text/plain, by how it looks, if not given.");

    static final ConfigOption<Duration> WAIT = ConfigOption.duration(
                    "answer.wait", "How long the sender waits for the end of the execution, to be told of it.")
            .where(wait -> !wait.isNegative(), "must be 0s or more")
            .where(
                    wait -> wait.compareTo(Duration.ofSeconds(25)) <= 0,
                    "must be at most 25s: senders and proxies give up soon after");

    static final List<ConfigOption<?>> OPTIONS = List.of(STATUS, BODY, CONTENT_TYPE, WAIT);

    private static final String TOKEN = "[A-Za-z0-9!#$&^_.+-]{1,80}";

    /** Bounded in all its parts. */
    private static final Pattern MEDIA_TYPE = Pattern.compile(
            TOKEN + "/" + TOKEN + "(; ?" + TOKEN + "=(" + TOKEN + "|\"[A-Za-z0-9 !#$&^_.+/:-]{0,80}\")){0,5}");

    private static final Pattern CHARSET = Pattern.compile("(?i); ?charset=\"?([^;\"]*)");
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";

    /** Tells whether there is nothing to do but what is usual. */
    boolean isNone() {
        return status == 200 && body.isEmpty() && !waits();
    }

    boolean waits() {
        return patience.isPositive();
    }

    /** Returns what an execution has to keep of its first event; nothing unless a sender may be told of it. */
    Map<String, String> named(Map<String, String> values) {
        return waits() && body.isPresent() ? body.get().named(values) : Map.of();
    }

    /** Reads a config whose single options have been checked. */
    static AnswerOptions read(HookConfig config, Predicate<String> isHidden, List<ConfigProblem> problems) {
        int status = config.find(STATUS).orElse(200);
        Duration wait = config.find(WAIT).orElse(Duration.ZERO);
        Optional<String> asked = config.find(CONTENT_TYPE);
        Optional<String> source = config.find(BODY).filter(text -> !text.isEmpty());
        int before = problems.size();
        asked.flatMap(AnswerOptions::wrongMediaType)
                .ifPresent(wrong -> problems.add(new ConfigProblem(CONTENT_TYPE.name(), wrong)));
        if (asked.isPresent() && source.isEmpty()) {
            problems.add(new ConfigProblem(
                    CONTENT_TYPE.name(), "is of answer.body, which is not there; give that or leave this out"));
        }
        if (source.isPresent() && isBodiless(status)) {
            problems.add(new ConfigProblem(
                    BODY.name(),
                    "can't be sent with answer.status " + status
                            + ", which has no body; leave it out or take another status, such as 200"));
        }
        if (problems.size() > before || source.isEmpty()) {
            return new AnswerOptions(status, Optional.empty(), "", wait);
        }
        try {
            AnswerTemplate body = AnswerTemplate.of(source.get(), asked, isHidden);
            if (!wait.isPositive() && !body.later().isEmpty()) {
                problems.add(new ConfigProblem(
                        BODY.name(),
                        "names {" + String.join("}, {", body.later())
                                + "}, which is not known before the execution has been worked on; give answer.wait, such as "
                                + "10s, so that the sender waits for that, or name only {execution}, {task}, {duplicate} and "
                                + "{header(Name)}"));
            }
            return new AnswerOptions(
                    status,
                    Optional.of(body),
                    asked.map(AnswerOptions::withCharset).orElse(body.kind() == AnswerTemplate.Kind.JSON ? JSON : TEXT),
                    wait);
        } catch (IllegalArgumentException e) {
            problems.add(new ConfigProblem(BODY.name(), String.valueOf(e.getMessage())));
            return NONE;
        }
    }

    static boolean isBodiless(int status) {
        return status == 204 || status == 205;
    }

    private static Optional<String> wrongMediaType(String type) {
        if (!MEDIA_TYPE.matcher(type).matches()) {
            return Optional.of("must be a media type, such as application/json or text/plain; charset=utf-8");
        }
        var charset = CHARSET.matcher(type);
        return charset.find() && !charset.group(1).strip().equalsIgnoreCase("utf-8")
                ? Optional.of("has charset " + charset.group(1).strip() + ", and answers are in utf-8; leave it out")
                : Optional.empty();
    }

    private static String withCharset(String type) {
        return type.toLowerCase(Locale.ROOT).startsWith("text/")
                        && !CHARSET.matcher(type).find()
                ? type + "; charset=utf-8"
                : type;
    }

    /** Puts an answer together. What has not ended is 202, whatever the owner wants: that is news to the sender. */
    SenderAnswer of(ExecutionKey key, boolean duplicate, Optional<Ending> ending, Map<String, List<String>> headers) {
        boolean over = ending.isPresent() && !ending.get().isEnd();
        Optional<SenderAnswer.Body> written = body.map(template -> new SenderAnswer.Body(
                contentType, template.fill(own(key, duplicate, ending), values(ending), headers)));
        if (written.isEmpty() && isBodiless(status) && !over) {
            written = Optional.of(new SenderAnswer.Body("", ""));
        }
        return new SenderAnswer(over ? 202 : status, written, ending);
    }

    private static Map<String, String> values(Optional<Ending> ending) {
        return ending.map(Ending::values).orElse(Map.of());
    }

    private static Map<String, String> own(ExecutionKey key, boolean duplicate, Optional<Ending> ending) {
        Map<String, String> own = new HashMap<>();
        own.put("execution", key.toString());
        own.put("task", key.task().value());
        own.put("duplicate", String.valueOf(duplicate));
        own.put("run", "0");
        ending.ifPresent(end -> {
            own.put("status", end.status().name());
            own.put("error", end.error());
            own.put("run", String.valueOf(end.run()));
            own.put("answer", end.answer());
        });
        return own;
    }
}
