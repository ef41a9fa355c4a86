package org.cdshooks.api.snippets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.ExecutionContext;
import org.cdshooks.api.ExecutionId;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Invocation;
import org.cdshooks.api.Listener;
import org.cdshooks.api.OwnershipLostException;
import org.cdshooks.api.Payload;
import org.cdshooks.api.Receipt;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.TaskExecution;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.TriggerContext;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;
import org.cdshooks.api.service.Integrations;
import org.cdshooks.api.service.ServiceException;
import org.cdshooks.api.service.ServiceException.Kind;
import org.junit.jupiter.api.Test;

/** The examples of the Javadoc: compiled here, run here, shown there. */
class SnippetsTest {
    // @start region="options"
    static final ConfigOption<String> TOPIC =
            ConfigOption.string("topic", "The topic to read.").required();
    static final ConfigOption<Duration> POLL_WAIT = ConfigOption.duration(
                    "poll-wait", "How long one poll waits for records.")
            .withDefault(Duration.ofSeconds(1))
            .where(wait -> wait.compareTo(Duration.ofMinutes(1)) <= 0, "must be at most 1m");
    static final ConfigOption<Secret> PASSWORD =
            ConfigOption.secret("password", "The password for the source; none is sent if it is left out.");
    static final ConfigDef OPTIONS = ConfigDef.of(TOPIC, POLL_WAIT, PASSWORD);
    // @end region="options"

    @Test
    void optionsAreReadThroughTheirConstants() {
        HookConfig config = OPTIONS.parse(Map.of("topic", "t", "poll-wait", "5s"));

        assertThat(config.get(TOPIC)).isEqualTo("t");
        assertThat(config.get(POLL_WAIT)).hasSeconds(5);
        assertThat(config.find(PASSWORD)).isEmpty();
    }

    record Message(String id, String text) {}

    interface MessageQueue {
        Message receive() throws InterruptedException;

        void acknowledge(Message message);
    }

    // @start region="listener"
    static Listener listener(MessageQueue queue) {
        return context -> {
            while (!context.isCancelled()) {
                Message message = queue.receive(); // interrupted when told to stop
                context.emit(Invocation.of(
                                Payload.of("application/json", message.text().getBytes(UTF_8)))
                        .dedupKey(message.id()));
                queue.acknowledge(message); // only now: a crash before this line makes a duplicate, no loss
            }
        };
    }
    // @end region="listener"

    @Test
    void theListenerAcknowledgesOnlyWhatWasStored() {
        Deque<Message> messages = new ArrayDeque<>();
        List<Message> acknowledged = new ArrayList<>();
        messages.add(new Message("1", "{}"));
        messages.add(new Message("2", "{}"));
        MessageQueue queue = new MessageQueue() {
            @Override
            public Message receive() {
                return messages.remove();
            }

            @Override
            public void acknowledge(Message message) {
                acknowledged.add(message);
            }
        };
        Emitter emitter = new Emitter(1);

        assertThatExceptionOfType(OwnershipLostException.class)
                .isThrownBy(() -> listener(queue).listen(emitter));

        assertThat(emitter.emitted).hasSize(1);
        assertThat(acknowledged).extracting(Message::id).containsExactly("1");
    }

    // @start region="schedule"
    /** Mondays at nine, whatever the clocks do to summer time. */
    static Schedule mondays(ZoneId zone) {
        return after -> {
            ZonedDateTime from = after.atZone(zone);
            ZonedDateTime due = from.with(TemporalAdjusters.nextOrSame(DayOfWeek.MONDAY))
                    .truncatedTo(ChronoUnit.DAYS)
                    .withHour(9);
            return Optional.of((due.isAfter(from) ? due : due.plusWeeks(1)).toInstant());
        };
    }
    // @end region="schedule"

    @Test
    void theScheduleIsDueOnMondays() {
        Schedule mondays = mondays(ZoneId.of("Europe/Paris"));
        Instant monday = Instant.parse("2024-03-25T08:00:00Z");
        Instant mondayInSummer = Instant.parse("2024-04-01T07:00:00Z");

        assertThat(mondays.next(Instant.parse("2024-03-24T12:00:00Z"))).contains(monday);
        assertThat(mondays.next(monday.minusNanos(1))).contains(monday);
        assertThat(mondays.next(monday)).contains(mondayInSummer);
    }

    // @start region="sink"
    /** Hands events to another part of the same process. */
    public static final class QueueSink implements EventSink {
        private static final ConfigOption<Integer> LIMIT = ConfigOption.integer(
                        "sink.limit", "How many events may wait.")
                .withDefault(100)
                .where(limit -> limit > 0, "must be at least 1");
        private static final SinkDescriptor DESCRIPTOR =
                SinkDescriptor.of("queue", "Keeps events until somebody takes them.", ConfigDef.of(LIMIT));

        private final ConcurrentLinkedQueue<HookEvent> events = new ConcurrentLinkedQueue<>();

        @Override
        public SinkDescriptor descriptor() {
            return DESCRIPTOR;
        }

        @Override
        public DeliveryResult deliver(Delivery delivery) {
            if (events.size() >= delivery.config().get(LIMIT)) {
                return DeliveryResult.deferred("too many events wait", Duration.ofSeconds(10)); // no try used up
            }
            events.add(delivery.event());
            return DeliveryResult.delivered("queued");
        }
    }
    // @end region="sink"

    @Test
    void theSinkDefersWhatItCannotTake() {
        QueueSink sink = new QueueSink();
        HookConfig config = sink.descriptor().config().parse(Map.of("sink.limit", "1"));

        assertThat(sink.deliver(new OneDelivery(config))).isEqualTo(DeliveryResult.delivered("queued"));
        assertThat(sink.deliver(new OneDelivery(config))).isInstanceOf(DeliveryResult.Deferred.class);
    }

    // @start region="service"
    static ExecutionResult connect(Integrations integrations, String project, String name)
            throws ServiceException, InterruptedException {
        Map<String, Secret> settings;
        try {
            settings = integrations.settings(project, name);
        } catch (ServiceException e) {
            if (e.kind() == ServiceException.Kind.NOT_FOUND) {
                return ExecutionResult.rejected(e.getMessage()); // no retry creates it
            }
            throw e;
        }
        return ExecutionResult.completed(send(settings.get("uri"), settings.get("password")));
    }
    // @end region="service"

    private static HookEvent send(Secret uri, Secret password) {
        return HookEvent.of(
                Map.of("to", uri.reveal(), "length", "" + password.reveal().length()));
    }

    @Test
    void whatAServiceDoesNotFindIsRejectedAndWhatIsAwayIsTriedAgain() throws Exception {
        Integrations some = (project, name) -> switch (name) {
            case "broker" -> Map.of("uri", Secret.of("rabbit:5672"), "password", Secret.of("abc"));
            case "away" -> throw new ServiceException(Kind.AWAY, "the API does not answer", new IOException());
            default -> throw new ServiceException(Kind.NOT_FOUND, "project P has no integration '" + name + "'");
        };

        assertThat(connect(some, "P", "broker"))
                .isInstanceOfSatisfying(
                        ExecutionResult.Completed.class,
                        completed -> assertThat(completed.events())
                                .containsExactly(HookEvent.of(Map.of("to", "rabbit:5672", "length", "3"))));
        assertThat(connect(some, "P", "brokr"))
                .isEqualTo(ExecutionResult.rejected("project P has no integration 'brokr'"));
        assertThatExceptionOfType(ServiceException.class)
                .isThrownBy(() -> connect(some, "P", "away"))
                .withMessage("the API does not answer")
                .withCauseInstanceOf(IOException.class)
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.AWAY));
    }

    @Test
    void theDoorbellRings() throws Exception {
        DoorbellHookType type = new DoorbellHookType();
        HookConfig config = type.descriptor().config().parse(Map.of("door", "front"));
        Hook hook = type.create(new OneTask(config), new Host());
        Emitter emitter = new Emitter(1);

        Trigger.Http http = (Trigger.Http) hook.triggers().get(0);
        assertThat(http.receiver().receive(new Ring("Ada"), emitter).receipt()).isPresent();
        ExecutionResult result =
                hook.execute(new Execution(emitter.emitted.get(0).payload()), new Bounds());

        assertThat(((ExecutionResult.Completed) result).events())
                .containsExactly(HookEvent.of(Map.of("door", "front", "visitor", "Ada")));
        assertThat(hook.execute(new Execution(Payload.empty()), new Bounds()))
                .isEqualTo(ExecutionResult.rejected("the body must tell who rings"));
    }

    // ------------------------------------------------------------------------------------- fakes

    /** Stores as much as it is told to, and refuses what comes after. */
    private static final class Emitter implements TriggerContext {
        private final List<Invocation> emitted = new ArrayList<>();
        private final int room;

        private Emitter(int room) {
            this.room = room;
        }

        @Override
        public Receipt emit(Invocation invocation) {
            if (emitted.size() == room) {
                throw new OwnershipLostException("another node listens");
            }
            emitted.add(invocation);
            return new Receipt(new ExecutionId("e" + emitted.size()), false);
        }

        @Override
        public Optional<String> cursor() {
            return Optional.empty();
        }

        @Override
        public boolean isCancelled() {
            return false;
        }
    }

    private record OneTask(HookConfig config) implements Task {
        @Override
        public TaskId id() {
            return new TaskId("t");
        }

        @Override
        public String type() {
            return "Doorbell";
        }

        @Override
        public long revision() {
            return 1;
        }
    }

    private record Host() implements HookContext {
        @Override
        public URI endpoint() {
            return URI.create("http://localhost/webhook/t");
        }

        @Override
        public InstantSource clock() {
            return InstantSource.fixed(Instant.EPOCH);
        }

        @Override
        public <S> Optional<S> service(Class<S> type) {
            return Optional.empty();
        }
    }

    private record Bounds() implements ExecutionContext {
        @Override
        public Instant deadline() {
            return Instant.EPOCH.plusSeconds(60);
        }

        @Override
        public boolean isCancelled() {
            return false;
        }
    }

    private record Execution(Payload payload) implements TaskExecution {
        @Override
        public ExecutionId id() {
            return new ExecutionId("e1");
        }

        @Override
        public String trigger() {
            return "http";
        }

        @Override
        public Instant dueAt() {
            return Instant.EPOCH;
        }

        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public Optional<String> cursor() {
            return Optional.empty();
        }
    }

    private record Ring(String visitor) implements HttpCall {
        @Override
        public String method() {
            return "POST";
        }

        @Override
        public String path() {
            return "";
        }

        @Override
        public String query() {
            return "";
        }

        @Override
        public Map<String, List<String>> headers() {
            return Map.of();
        }

        @Override
        public byte[] body() {
            return visitor.getBytes(UTF_8);
        }
    }

    private record OneDelivery(HookConfig config) implements EventSink.Delivery {
        @Override
        public Task task() {
            return new OneTask(config);
        }

        @Override
        public ExecutionId execution() {
            return new ExecutionId("e1");
        }

        @Override
        public long timestamp() {
            return 0;
        }

        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public HookEvent event() {
            return HookEvent.of(Map.of("a", "b"));
        }

        @Override
        public String idempotencyKey() {
            return "e1";
        }

        @Override
        public Instant deadline() {
            return Instant.EPOCH;
        }
    }
}
