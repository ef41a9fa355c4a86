package org.cdshooks.runtime.sink;

import java.io.IOException;
import java.net.InetAddress;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Sends each event as JSON to an HTTP endpoint, signed by Standard Webhooks if the task has a secret. What is retried,
 * what is not, and which addresses may be called is in {@code docs/sinks.md}.
 */
public final class HttpEventSink implements EventSink {
    static final ConfigOption<String> URL = ConfigOption.string(
                    "sink.url", "Where to send events, such as https://example.com/hook.")
            .required();
    static final ConfigOption<Secret> SECRET = ConfigOption.secret(
            "sink.secret",
            "Signs each call by Standard Webhooks: whsec_ and the Base64 of 24 to 64 bytes, or a text of at least 24"
                    + " bytes.");
    static final ConfigOption<Duration> TIMEOUT = ConfigOption.duration(
                    "sink.timeout", "How long one call may take in all.")
            .withDefault(Duration.ofSeconds(30))
            .where(
                    time -> time.compareTo(Duration.ofSeconds(1)) >= 0 && time.compareTo(Duration.ofSeconds(60)) <= 0,
                    "must be from 1s to 60s");

    private static final SinkDescriptor DESCRIPTOR = SinkDescriptor.of(
            "http", "Sends each event as JSON to an HTTP endpoint.", ConfigDef.of(URL, SECRET, TIMEOUT));
    private static final int KEPT_ANSWER_BYTES = 4096;
    private static final int KEPT_REASON_BYTES = 256;
    /** A path is masked in answers that repeat it once it is long enough to hold a secret. */
    private static final int SECRET_PATH = 16;

    private final VettingResolver.Lookup lookup;
    private final Optional<SSLContext> tls;
    private volatile @Nullable Running running;

    private record Running(InstantSource clock, AddressGate gate, HttpTransport transport, Bulkhead bulkhead) {}

    /** Makes a sink that asks the system's resolver and trusts the authorities that Java trusts. */
    public HttpEventSink() {
        this(InetAddress::getAllByName, Optional.empty());
    }

    HttpEventSink(VettingResolver.Lookup lookup, Optional<SSLContext> tls) {
        this.lookup = lookup;
        this.tls = tls;
    }

    @Override
    public SinkDescriptor descriptor() {
        return DESCRIPTOR;
    }

    @Override
    public void start(NodeContext node) throws NoSuchAlgorithmException {
        Optional<SinkSettings> settings = node.service(SinkSettings.class);
        AddressGate gate = new AddressGate(settings.map(SinkSettings::allowed).orElse(List.of()));
        String version = settings.map(SinkSettings::version).orElse("unknown").replaceAll("[^A-Za-z0-9._+-]", "_");
        SSLContext context = tls.isPresent() ? tls.get() : SSLContext.getDefault();
        running = new Running(
                node.clock(),
                gate,
                new HttpTransport(new VettingResolver(gate, lookup), context, "cds-hooks/" + version),
                new Bulkhead(node.clock()));
    }

    /** Names are judged when they are called, since this does no I/O and their addresses change. */
    @Override
    public List<ConfigProblem> validate(HookConfig config) {
        List<ConfigProblem> problems = new ArrayList<>();
        var _ = target(config, problems);
        return problems;
    }

    /** Reads where to send to, and everything else that is wrong with a config; empty if there is no target to read. */
    private Optional<Target> target(HookConfig config, List<ConfigProblem> problems) {
        Optional<Target> read = Optional.empty();
        try {
            Target target = Target.parse(config.get(URL));
            read = Optional.of(target);
            target.literal()
                    .flatMap(gate()::objection)
                    .ifPresent(objection -> problems.add(new ConfigProblem(
                            URL.name(),
                            "is a blocked address: " + objection
                                    + ". Private addresses may be called only if the node's setting "
                                    + SinkSettings.ALLOW + " names them, such as " + SinkSettings.ALLOW + ": "
                                    + new Cidr(
                                            target.literal().get(),
                                            target.literal().get().getAddress().length * 8))));
        } catch (IllegalArgumentException e) {
            problems.add(new ConfigProblem(URL.name(), String.valueOf(e.getMessage())));
        }
        try {
            config.find(SECRET).ifPresent(StandardWebhooksSigner::of);
        } catch (IllegalArgumentException e) {
            problems.add(new ConfigProblem(SECRET.name(), String.valueOf(e.getMessage())));
        }
        return read;
    }

    private AddressGate gate() {
        Running here = running;
        return here == null ? new AddressGate(List.of()) : here.gate();
    }

    @Override
    public DeliveryResult deliver(Delivery delivery) throws InterruptedException {
        Running here = running;
        if (here == null) {
            throw new IllegalStateException("the sink is not started");
        }
        // Checked again: the task may have been stored by a version or a node with other rules.
        List<ConfigProblem> problems = new ArrayList<>();
        Optional<Target> read = target(delivery.config(), problems);
        if (!problems.isEmpty()) {
            ConfigProblem first = problems.getFirst();
            return DeliveryResult.rejected(first.option() + " " + first.message());
        }
        Duration left = Duration.between(here.clock().instant(), delivery.deadline());
        Duration timeout = delivery.config().get(TIMEOUT);
        if (left.compareTo(timeout) < 0) {
            timeout = left;
        }
        if (!timeout.isPositive()) {
            return DeliveryResult.retry("no time was left in this attempt to call " + URL.name());
        }
        Target target = read.orElseThrow();
        return switch (here.bulkhead().admit(target.origin())) {
            case Bulkhead.Refused(String reason, Duration after) -> DeliveryResult.deferred(reason, after);
            case Bulkhead.Call call -> {
                try (call) {
                    yield call(here, call, delivery, target, timeout);
                }
            }
        };
    }

    private static DeliveryResult call(
            Running here, Bulkhead.Call call, Delivery delivery, Target target, Duration timeout)
            throws InterruptedException {
        byte[] body = EventJson.body(delivery);
        String[] headers = headers(delivery, body, here.clock().instant());
        HttpTransport.Answer answer;
        try {
            answer = here.transport().post(target, headers, body, timeout);
        } catch (BlockedAddressException e) {
            return DeliveryResult.rejected(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            call.failed();
            return DeliveryResult.retry(Faults.describe(e, target, timeout));
        }
        if (broken(answer.status())) {
            call.failed();
        } else {
            call.succeeded();
        }
        return judge(answer, target, secrets(delivery, target), here.clock().instant());
    }

    /** Tells whether the target itself is in trouble: a server error, or a number that is no status, cut off maybe. */
    private static boolean broken(int status) {
        return status >= 500 || status < 100;
    }

    private static String[] headers(Delivery delivery, byte[] body, Instant now) {
        String id = delivery.idempotencyKey();
        Optional<Secret> secret = delivery.config().find(SECRET);
        if (secret.isEmpty()) {
            return new String[] {"Idempotency-Key", id};
        }
        String signature = StandardWebhooksSigner.of(secret.get()).sign(id, now.getEpochSecond(), body);
        return new String[] {
            "Idempotency-Key", id,
            "webhook-id", id,
            "webhook-timestamp", Long.toString(now.getEpochSecond()),
            "webhook-signature", signature
        };
    }

    /** Returns what an answer may repeat and nobody else shall see. */
    private static List<String> secrets(Delivery delivery, Target target) {
        List<String> secrets = new ArrayList<>();
        delivery.config().find(SECRET).ifPresent(secret -> secrets.add(secret.reveal()));
        if (target.path().length() >= SECRET_PATH) {
            secrets.add(target.path());
        }
        return secrets;
    }

    private static DeliveryResult judge(HttpTransport.Answer answer, Target target, List<String> secrets, Instant now) {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            return DeliveryResult.delivered(CleanText.of(answer.body(), answer.charset(), KEPT_ANSWER_BYTES, secrets));
        }
        String said = CleanText.of(answer.body(), answer.charset(), KEPT_REASON_BYTES, secrets);
        String reason = target + " answered " + status + (said.isBlank() ? "" : ": " + said);
        if (status == 408 || status == 425 || status == 429 || broken(status)) {
            DeliveryResult.Retry retry = new DeliveryResult.Retry(reason, Optional.empty());
            return answer.retryAfter()
                    .flatMap(value -> RetryAfter.parse(value, now))
                    .map(retry::after)
                    .orElse(retry);
        }
        if (status >= 300 && status < 400) {
            return DeliveryResult.rejected(
                    reason + "; redirects are not followed, give the final address as " + URL.name());
        }
        DeliveryResult.Rejected rejected = new DeliveryResult.Rejected(reason, false);
        return status == 410 ? rejected.targetGone() : rejected;
    }

    @Override
    public void stop() {
        Running here = running;
        running = null;
        if (here != null) {
            here.transport().close();
        }
    }
}
