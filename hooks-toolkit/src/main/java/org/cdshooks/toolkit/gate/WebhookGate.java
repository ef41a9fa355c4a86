package org.cdshooks.toolkit.gate;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.HttpReply;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.toolkit.verify.DeliveryName;
import org.cdshooks.toolkit.verify.Request;
import org.cdshooks.toolkit.verify.Verification;
import org.cdshooks.toolkit.verify.Verifier;

/**
 * Stands between the world and a hook type that takes webhooks. A task says with its options who may send; a request is
 * looked at before anything of it is interpreted, and one that does not prove its sender is answered with 401 and leaves
 * nothing behind. What passes is named by its delivery, so that one that comes again makes no second execution.
 *
 * <p>A hook type
 *
 * <ul>
 *   <li>declares {@link #options} beside its own: {@code WebhookGate.definition(METHOD, MAX_BODY)};
 *   <li>returns {@link #validate} in its {@code validate};
 *   <li>makes a gate for each hook, and gives {@link #trigger} away or calls {@link #admit} in its own receiver.
 * </ul>
 *
 * Immutable and safe for use by several threads.
 */
public final class WebhookGate {
    private static final String MASK = "**********";
    private static final String VERIFY = "verify";

    private final InstantSource clock;
    private final Optional<Verifier> verifier;
    private final DeliveryName delivery;
    private final Optional<String> tokenHeader;
    private final String words;
    private final List<String> secrets;
    private final Optional<Instant> oldEnds;
    private final boolean answersChallenges;

    private WebhookGate(GatePlan plan, InstantSource clock) {
        this.clock = clock;
        this.verifier = plan.verifier();
        this.delivery = plan.delivery();
        this.tokenHeader = plan.tokenHeader();
        this.words = plan.words();
        this.secrets = plan.secrets();
        this.oldEnds = plan.oldEnds();
        this.answersChallenges = plan.isSlack();
    }

    /** What becomes of a request. */
    public sealed interface Admission {
        /**
         * It is to be executed.
         *
         * @param invocation the request whole, without a secret that was sent along, and named by its delivery
         */
        record Admitted(Invocation invocation) implements Admission {}

        /**
         * It is answered, and that is all.
         *
         * @param reply the answer
         */
        record Answered(HttpReply reply) implements Admission {}
    }

    /**
     * Returns the options of the gate.
     *
     * @return the options, in the order in which users see them
     */
    public static List<ConfigOption<?>> options() {
        return GateOptions.ALL;
    }

    /**
     * Puts the options of a hook type and those of the gate together.
     *
     * @param own those of the hook type, which come first
     * @return a definition
     */
    public static ConfigDef definition(ConfigOption<?>... own) {
        return ConfigDef.of(Stream.concat(Stream.of(own), options().stream()).toArray(ConfigOption<?>[]::new));
    }

    /**
     * Checks the options of a task together.
     *
     * @param config a config of a definition that has the options of the gate
     * @return everything that is wrong with them
     */
    public static List<ConfigProblem> validate(HookConfig config) {
        return GatePlan.of(config).problems();
    }

    /**
     * Makes the gate of a task.
     *
     * @param config a config of a definition that has the options of the gate
     * @param clock the time
     * @return a gate
     * @throws IllegalStateException if {@link #validate} has something to say: then nobody is let in
     */
    public static WebhookGate of(HookConfig config, InstantSource clock) {
        GatePlan plan = GatePlan.of(config);
        if (!plan.problems().isEmpty()) {
            ConfigProblem first = plan.problems().getFirst();
            throw new IllegalStateException("senders can't be verified: " + first.option() + " " + first.message());
        }
        return new WebhookGate(plan, clock);
    }

    /**
     * Makes a trigger whose requests go through the gate and are stored.
     *
     * @return a trigger that takes any method
     */
    public Trigger.Http trigger() {
        return described(Trigger.http(this::receive));
    }

    /**
     * Says of a trigger what the gate checks, for a hook type that has a receiver of its own.
     *
     * @param trigger its trigger
     * @return a copy that says so
     */
    public Trigger.Http described(Trigger.Http trigger) {
        return verifier.isPresent() ? trigger.verifiedBy(words) : trigger;
    }

    private HttpReply receive(HttpCall call, TriggerContext context) throws InterruptedException {
        return switch (admit(call, context)) {
            case Admission.Answered(HttpReply reply) -> reply;
            case Admission.Admitted(Invocation invocation) -> HttpReply.accepted(context.emit(invocation));
        };
    }

    /**
     * Looks at a request.
     *
     * @param call the request
     * @param context hears what was decided and why
     * @return what becomes of it
     */
    public Admission admit(HttpCall call, TriggerContext context) {
        if (verifier.isEmpty()) {
            context.explain(VERIFY, "none: everybody who knows the address is let in");
            return new Admission.Admitted(named(call, Optional.empty()));
        }
        byte[] body = call.body();
        Instant when = call.receivedAt().orElseGet(clock::instant);
        Verification verification = verifier.get().verify(new Request(call.headers(), body), when);
        context.explain(VERIFY, words + ": " + told(verification, when));
        if (verification instanceof Verification.Refused refused) {
            return new Admission.Answered(HttpReply.of(401, refused.words()));
        }
        Optional<HttpReply> challenge = challenge(body);
        if (challenge.isPresent()) {
            context.explain(
                    "challenge", "the sender asks whether this is the right place: answered, nothing to execute");
            return new Admission.Answered(challenge.get());
        }
        return new Admission.Admitted(named(call, Optional.of(body)));
    }

    /** Names the secrets by their options; nothing of them is told. */
    private String told(Verification verification, Instant when) {
        return switch (verification) {
            case Verification.Passed(int secret) -> "right by " + secrets.get(secret);
            case Verification.Refused(Verification.Reason reason, String why) ->
                reason == Verification.Reason.WRONG
                        ? why + " by " + String.join(" and by ", secrets)
                                + (oldEnds.filter(end -> !when.isBefore(end)).isPresent() ? ", which has ended" : "")
                        : why;
        };
    }

    /** Slack asks once whether this is the right place, signed like everything else. */
    private Optional<HttpReply> challenge(byte[] body) {
        if (!answersChallenges) {
            return Optional.empty();
        }
        Map<String, String> texts = TopLevel.texts(body, Set.of("type", "challenge"));
        return "url_verification".equals(texts.get("type"))
                ? Optional.of(HttpReply.of(200, "text/plain; charset=utf-8", texts.getOrDefault("challenge", "")))
                : Optional.empty();
    }

    /**
     * Names the delivery. Of a request that proves nothing a header does so only if the task says so: whoever may choose it
     * freely can make requests of others disappear.
     */
    private Invocation named(HttpCall call, Optional<byte[]> body) {
        Payload payload = call.toPayload();
        Payload stored = tokenHeader
                .filter(payload.attributes()::containsKey)
                .map(header -> payload.withAttribute(header, MASK))
                .orElse(payload);
        Invocation invocation = Invocation.of(stored);
        Optional<String> name = switch (delivery) {
            case DeliveryName.Nowhere() -> Optional.empty();
            case DeliveryName.Header(List<String> headers) ->
                headers.stream().flatMap(header -> call.header(header).stream()).findFirst();
            case DeliveryName.BodyMember(String member) ->
                body.flatMap(bytes -> Optional.ofNullable(
                        TopLevel.texts(bytes, Set.of(member)).get(member)));
        };
        return name.map(String::strip)
                .filter(text -> !text.isEmpty())
                .map(invocation::dedupKey)
                .orElse(invocation);
    }

    @Override
    public String toString() {
        return "WebhookGate[" + (verifier.isPresent() ? words : "none") + "]";
    }
}
