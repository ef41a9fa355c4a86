package org.cdshooks.distribution;

import static org.cdshooks.distribution.Distribution.waitUntil;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What was acknowledged against what arrived: decides whether an execution was lost, and whether one that came twice was in
 * flight at a fault. Events are ordered by a counter, not by a clock.
 */
final class Ledger implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern MESSAGE = Pattern.compile("\"message\":\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile("\"id\":\"(\\d+)\"");

    /** What a fault can be timed by. */
    enum Event {
        /** A request is about to be sent. */
        SENT,
        /** A request was acknowledged. */
        ACKNOWLEDGED,
        /** A delivery has arrived and is not answered yet. */
        ARRIVED,
        /** A delivery was answered. */
        ANSWERED;

        private static final List<Event> ALL = List.of(values());

        /** One of them. */
        static Event any(Random random) {
            return ALL.get(random.nextInt(ALL.size()));
        }
    }

    /**
     * A fault.
     *
     * @param begin the count of events when it began
     * @param inFlight the executions that it may make come once more
     */
    private record Fault(long begin, Set<Integer> inFlight) {}

    private record Alarm(Event event, CountDownLatch latch) {}

    private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Queue<Long>> arrived = new ConcurrentHashMap<>();
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private final List<Alarm> alarms = new CopyOnWriteArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final AtomicLong events = new AtomicLong();
    private final Map<String, Integer> refusals = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer target;
    private volatile CountDownLatch held = new CountDownLatch(0);

    Ledger() throws IOException {
        target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        target.setExecutor(threads);
        target.createContext("/in", exchange -> {
            try (exchange) {
                idIn(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8))
                        .ifPresent(this::arrive);
                held.await();
                exchange.sendResponseHeaders(204, -1);
                happened(Event.ANSWERED);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        target.start();
    }

    /** The number in the body of a request, or in what was made of it. */
    static Optional<Integer> idIn(String body) {
        Matcher id = ID.matcher(body);
        return id.find() ? Optional.of(Integer.valueOf(id.group(1))) : Optional.empty();
    }

    private void arrive(int id) {
        arrived.computeIfAbsent(id, k -> new ConcurrentLinkedQueue<>()).add(events.incrementAndGet());
        happened(Event.ARRIVED);
    }

    private void happened(Event event) {
        for (Alarm alarm : alarms) {
            if (alarm.event() == event) {
                alarm.latch().countDown();
            }
        }
    }

    /** A webhook whose events arrive here. */
    String webhook() {
        return "{\"type\":\"Webhook\",\"config\":{\"sink\":\"http\",\"sink.timeout\":\"60s\",\"sink.url\":\"" + url()
                + "\"}}";
    }

    /** The address of the target. */
    String url() {
        return "http://127.0.0.1:" + target.getAddress().getPort() + "/in";
    }

    /** Sends one call with some characters of ballast and notes whether it was acknowledged. */
    boolean send(Service service, String task, int ballast) throws IOException, InterruptedException {
        int id = ids.incrementAndGet();
        happened(Event.SENT);
        String body = "{\"id\":\"" + id + "\",\"ballast\":\"" + "x".repeat(ballast) + "\"}";
        HttpResponse<String> answer = service.send("POST", "/webhook/" + task, body);
        int status = answer.statusCode();
        switch (status) {
            case 200 -> {
                acknowledged.add(id);
                happened(Event.ACKNOWLEDGED);
            }
            case 503 -> refusals.merge(reasonIn(answer.body()), 1, Integer::sum);
            default -> throw new AssertionError("request " + id + " was answered with " + status);
        }
        return status == 200;
    }

    /** Comes back at the moment when an event has happened so many times more. */
    void await(Event event, int times) throws InterruptedException {
        Alarm alarm = new Alarm(event, new CountDownLatch(times));
        alarms.add(alarm);
        try {
            if (!alarm.latch().await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("waited " + LIMIT.toSeconds() + " s in vain until " + times + " more were "
                        + event + ", " + alarm.latch().getCount() + " are missing: " + this);
            }
        } finally {
            alarms.remove(alarm);
        }
    }

    /** Leaves deliveries unanswered from now on, so that none of them can be settled. */
    void holdAnswers() {
        held = new CountDownLatch(1);
    }

    /** Answers what was held, and all that comes. */
    void answer() {
        held.countDown();
    }

    /** The count of events, to be noted before a fault. */
    long now() {
        return events.get();
    }

    /**
     * Notes a fault that stopped whoever had made a call: only executions whose call had begun, and whose end the store did
     * not have afterwards, may come again. What still waits to come again after an earlier fault is not in flight.
     *
     * @param begin the count of events before the fault
     * @param after what the store held after the fault, before anybody else could go on with it
     * @return how many executions were in flight
     */
    int killed(long begin, StoreView.Unfinished after) {
        Set<Integer> inFlight = new HashSet<>(after.all());
        inFlight.retainAll(arrived.keySet());
        inFlight.removeIf(this::waitsToComeAgain);
        faults.add(new Fault(begin, inFlight));
        return inFlight.size();
    }

    /**
     * Notes a fault after which whoever was stopped goes on, and may then make the calls that it was about to make: what was
     * under lease may come again too.
     *
     * @param begin the count of events before the fault
     * @param after what the store held then
     * @return how many executions were in flight
     */
    int paused(long begin, StoreView.Unfinished after) {
        Set<Integer> inFlight = new HashSet<>(after.all());
        inFlight.retainAll(arrived.keySet());
        inFlight.addAll(after.leased());
        faults.add(new Fault(begin, inFlight));
        return inFlight.size();
    }

    private boolean waitsToComeAgain(int id) {
        return faults.stream()
                .anyMatch(fault -> fault.inFlight().contains(id)
                        && arrived.get(id).stream().allMatch(time -> time <= fault.begin()));
    }

    int acknowledged() {
        return acknowledged.size();
    }

    long refused() {
        return refusals.values().stream().mapToLong(Integer::longValue).sum();
    }

    /** Why requests were answered with 503, and how many for each reason. */
    Map<String, Integer> refusals() {
        return refusals;
    }

    private static String reasonIn(String body) {
        Matcher message = MESSAGE.matcher(body);
        return message.find() ? message.group(1) : body;
    }

    int arrived() {
        return arrived.size();
    }

    /** Waits until all that was acknowledged has arrived. */
    void awaitAll() throws InterruptedException {
        waitUntil("all that was acknowledged has arrived", () -> lost().isEmpty());
    }

    /** What was acknowledged and has not arrived. */
    Set<Integer> lost() {
        Set<Integer> lost = new TreeSet<>(acknowledged);
        lost.removeAll(arrived.keySet());
        return lost;
    }

    /** How many deliveries came of executions that had been delivered before. */
    int repeats() {
        return arrived.values().stream().mapToInt(times -> times.size() - 1).sum();
    }

    /** The most executions that were in flight at one fault. */
    int mostInFlight() {
        return faults.stream().mapToInt(fault -> fault.inFlight().size()).max().orElse(0);
    }

    /** Repeats that no fault explains, in words: each fault explains one repeat of each execution in flight at it. */
    List<String> unexplained() {
        List<String> unexplained = new ArrayList<>();
        arrived.forEach((id, times) -> {
            List<Fault> left = new ArrayList<>(faults);
            for (long time : times.stream().sorted().skip(1).toList()) {
                Optional<Fault> cause = left.stream()
                        .filter(fault ->
                                fault.begin() < time && fault.inFlight().contains(id))
                        .findFirst();
                cause.ifPresentOrElse(
                        left::remove,
                        () -> unexplained.add("execution " + id + " came at events " + times + " and was in flight at "
                                + faults.stream()
                                        .filter(fault -> fault.inFlight().contains(id))
                                        .map(fault -> "the fault of event " + fault.begin())
                                        .toList()));
            }
        });
        return unexplained;
    }

    @Override
    public String toString() {
        return acknowledged.size() + " acknowledged, " + refused() + " refused, " + lost().size() + " lost, "
                + repeats()
                + " came again after " + faults.size() + " faults with at most " + mostInFlight()
                + " in flight at one, " + unexplained().size() + " of these are unexplained";
    }

    @Override
    public void close() {
        answer();
        target.stop(0);
        threads.shutdownNow();
    }
}
