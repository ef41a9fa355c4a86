package org.cdshooks.testbed.cds;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A CDS API on loopback, as far as a hooks service sees it, and as strict as the real one: whoever does not send its headers
 * to the letter is refused, and so is a body with a member too many. Answers are in gzip, each connection serves one request.
 *
 * <p>What it refuses for being malformed stands in {@link #objections()}: a test that expects none looks there. Thread-safe.
 * It is one class although it is long: what it knows of the service decides every answer.
 */
public final class FakeCdsApi implements AutoCloseable {
    /** The token that a service must register with. */
    public static final String TOKEN = "a-token-of-the-group-shared.infra";

    /** The headers of every request but Host, Content-Length and the hash. */
    private static final Map<String, String> HEADERS = Map.of(
            "User-Agent", "CDS/service",
            "Connection", "close",
            "Content-Type", "application/json",
            "X-Requested-With", "X-CDS-SDK",
            "Accept-Encoding", "gzip");

    private static final Set<String> MORE = Set.of("Host", "Content-Length", "X_auth_header", "X-Cds-Last-Execution");
    private static final Pattern RUN = Pattern.compile("/project/([^/]+)/workflows/([^/]+)/runs");
    private static final Pattern PLATFORM = Pattern.compile("/project/([^/]+)/platforms/([^/?]+)\\?clearPassword=true");
    private static final Pattern EVENTS = Pattern.compile("/hook/([^/]+)/workflow/([^/]+)/vcsevent/([^/?]+)");

    private final Map<String, String> hooks = new ConcurrentHashMap<>();
    private final Map<String, String> platforms = new ConcurrentHashMap<>();
    private volatile String events = "null";
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Run> runs = new CopyOnWriteArrayList<>();
    private final List<String> objections = new CopyOnWriteArrayList<>();
    private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
    private final Map<String, Fault> lasting = new ConcurrentHashMap<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger numbers = new AtomicInteger();
    private final int port;
    private volatile String hash = UUID.randomUUID().toString();
    private volatile boolean isKnown;
    private volatile String serviceUrl = "";
    private volatile String version = "snapshot";
    private volatile Map<?, ?> registered = Map.of();
    private volatile ServerSocket server;
    private volatile @Nullable Thread accepting;
    private volatile CountDownLatch stopped = new CountDownLatch(1);

    /**
     * A request that came in.
     *
     * @param method the method
     * @param path the path with its query, as it was sent
     * @param headers the headers as they were sent, in order
     * @param body the body
     */
    public record Request(String method, String path, Map<String, String> headers, String body) {}

    /**
     * A run that was started.
     *
     * @param project the key of the project
     * @param workflow the name of the workflow
     * @param hook the uuid of the hook
     * @param payload what it was started with
     * @param number its number
     */
    public record Run(String project, String workflow, String hook, Map<String, String> payload, int number) {}

    /**
     * An answer of the service.
     *
     * @param status the status code
     * @param body the body
     */
    public record Reply(int status, String body) {}

    /** Starts one on a free port. */
    public FakeCdsApi() {
        server = listen(0);
        port = server.getLocalPort();
    }

    private ServerSocket listen(int on) {
        try {
            ServerSocket made = new ServerSocket();
            made.setReuseAddress(true);
            made.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), on), 256);
            CountDownLatch end = new CountDownLatch(1);
            stopped = end;
            accepting = Thread.ofPlatform().daemon().name("fake-cds-api").start(() -> accept(made, end));
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns its address. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Goes away: connections are cut and new ones refused. */
    public void stop() {
        try {
            server.close();
            Thread thread = accepting;
            if (thread != null && !thread.join(Duration.ofSeconds(10))) { // till then it may still accept
                throw new IllegalStateException("still accepts connections");
            }
            stopped.countDown();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Comes back on the same port, with all that it knew. */
    public void startAgain() {
        server = listen(port);
    }

    /** Forgets the service, as the real one does 3 minutes after its last heartbeat: the next registration has a new hash. */
    public void forgetService() {
        isKnown = false;
        hash = UUID.randomUUID().toString();
    }

    /** Returns the hash that it gives. */
    public String hash() {
        return hash;
    }

    /** Returns what came in, oldest first. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Returns what came in for paths that begin so. */
    public List<Request> requests(String prefix) {
        return requests.stream()
                .filter(request -> request.path().startsWith(prefix))
                .toList();
    }

    /** Returns the runs that were started, oldest first. */
    public List<Run> runs() {
        return List.copyOf(runs);
    }

    /** Returns why requests were refused that a right service does not send. */
    public List<String> objections() {
        return List.copyOf(objections);
    }

    /** Lets the next call of a path that begins so go wrong; several wait for their turn. */
    public void fail(String prefix, Fault fault) {
        faults.computeIfAbsent(prefix, p -> new ConcurrentLinkedQueue<>()).add(fault);
    }

    /** Lets every call of a path that begins so go wrong, until {@link #work()}. */
    public void failAlways(String prefix, Fault fault) {
        lasting.put(prefix, fault);
    }

    /** Works again. */
    public void work() {
        lasting.clear();
        faults.clear();
    }

    /** Has another version from now on. */
    public void setVersion(String newVersion) {
        version = newVersion;
    }

    /**
     * Returns what the real API shows to its administrators in {@code GET /mon/status} of the service that has registered:
     * the line {@code Global/hooks} is as bad as the worst line that the service sends, and {@code Global/Version} warns if a
     * line whose name has "Version" in it has another value than the API's own.
     *
     * @return the status of either line, by its name
     */
    public Map<String, String> globalStatus() {
        String hooks = "OK";
        String versions = "OK";
        if (registered.get("monitoring_status") instanceof Map<?, ?> status
                && status.get("lines") instanceof List<?> lines) {
            for (Object each : lines) {
                if (each instanceof Map<?, ?> line) {
                    boolean isVersion = "Version".equals(line.get("component"));
                    boolean isOk = isVersion ? version.equals(line.get("value")) : "OK".equals(line.get("status"));
                    hooks = isOk || hooks.equals("AL")
                            ? hooks
                            : isVersion ? "WARN" : String.valueOf(line.get("status"));
                    if (String.valueOf(line.get("component")).contains("Version")
                            && !version.equals(line.get("value"))) {
                        versions = "WARN";
                    }
                }
            }
        }
        return Map.of("Global/hooks", hooks, "Global/Version", versions);
    }

    /** Has a hook, and lists it. */
    public void putHook(String uuid, String json) {
        hooks.put(uuid, json);
    }

    /** Has a hook no more. */
    public void removeHook(String uuid) {
        hooks.remove(uuid);
    }

    /** Has no hook at all, as an API whose database is not filled yet. */
    public void removeHooks() {
        hooks.clear();
    }

    /** Has a platform of a project, with its JSON. */
    public void putPlatform(String project, String name, String json) {
        platforms.put(project + "/" + name, json);
    }

    /** Answers polls with these events. */
    public void putEvents(String json) {
        events = json;
    }

    /** Returns a WorkflowNodeHook in the words of CDS; options are names and values in turn. */
    public static String hook(String uuid, String model, String project, String workflow, String... options) {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("hookIcon", "");
        for (int i = 0; i < options.length; i += 2) {
            config.put(options[i], options[i + 1]);
        }
        config.put("project", project);
        config.put("workflow", workflow);
        config.put("workflow_id", "7");
        String values = config.entrySet().stream()
                .map(option -> Json.quoted(option.getKey()) + ":{\"value\":" + Json.quoted(option.getValue())
                        + ",\"configurable\":false,\"type\":\"\"}")
                .collect(Collectors.joining(","));
        return "{\"id\":1,\"uuid\":" + Json.quoted(uuid)
                + ",\"ref\":\"r\",\"workflow_node_id\":1,\"workflow_hook_model_id\":1,\"model\":{\"id\":1,\"name\":"
                + Json.quoted(model)
                + ",\"type\":\"builtin\",\"author\":\"CDS\",\"description\":\"\",\"identifier\":\"\",\"icon\":\"\","
                + "\"command\":\"\",\"default_config\":{},\"disabled\":false},\"config\":{" + values + "}}";
    }

    // ------------------------------------------------------------------------------------------------ as a client

    /**
     * Calls the service where it has registered, as the real API does.
     *
     * @param method the method
     * @param path the path with its query
     * @param body the body; empty for none
     * @return what it answers
     * @throws IOException if it does not
     */
    public Reply callService(String method, String path, String body) throws IOException {
        if (serviceUrl.isEmpty()) {
            throw new IOException("no service has registered yet");
        }
        URI service = URI.create(serviceUrl);
        byte[] bytes = body.getBytes(UTF_8);
        String head = method + " " + path + " HTTP/1.1\r\nHost: " + service.getAuthority()
                + "\r\nUser-Agent: Go-http-client/1.1\r\nConnection: close\r\nContent-Length: " + bytes.length
                + "\r\nContent-Type: application/json\r\nX-Requested-With: X-CDS-SDK\r\nX_auth_header: " + encoded(hash)
                + "\r\n\r\n";
        try (Socket socket = new Socket(service.getHost(), service.getPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(head.getBytes(ISO_8859_1));
            socket.getOutputStream().write(bytes);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            int status = Integer.parseInt(line(in).split(" ")[1]);
            int length = 0;
            boolean isChunked = false;
            for (String header = line(in); !header.isEmpty(); header = line(in)) {
                if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Integer.parseInt(header.substring(15).strip());
                }
                isChunked |= header.equalsIgnoreCase("transfer-encoding: chunked");
            }
            return new Reply(status, new String(isChunked ? chunks(in) : in.readNBytes(length), UTF_8));
        }
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            body.write(in.readNBytes(size));
            line(in);
        }
        return body.toByteArray();
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    // ------------------------------------------------------------------------------------------------ as a server

    private void accept(ServerSocket on, CountDownLatch end) {
        while (!on.isClosed()) {
            try {
                Socket socket = on.accept();
                open.add(socket);
                Thread.startVirtualThread(() -> serve(socket, end));
            } catch (IOException e) {
                return; // stopped
            }
        }
    }

    private void serve(Socket socket, CountDownLatch end) {
        try (socket) {
            Optional<Request> read = read(new BufferedInputStream(socket.getInputStream()));
            if (read.isPresent()) {
                requests.add(read.get());
                answer(read.get(), fault(read.get().path()), socket.getOutputStream(), end);
            }
        } catch (IOException | InterruptedException e) {
            // The other side went away, or this one did.
        } finally {
            open.remove(socket);
        }
    }

    private Optional<Fault> fault(String path) {
        for (Map.Entry<String, Queue<Fault>> waiting : faults.entrySet()) {
            Fault next = path.startsWith(waiting.getKey()) ? waiting.getValue().poll() : null;
            if (next != null) {
                return Optional.of(next);
            }
        }
        return lasting.entrySet().stream()
                .filter(entry -> path.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private void answer(Request request, Optional<Fault> fault, OutputStream out, CountDownLatch end)
            throws IOException, InterruptedException {
        if (fault.isEmpty()) {
            Answer answer = handle(request);
            write(out, answer, packed(answer.body()), Integer.MAX_VALUE);
            return;
        }
        switch (fault.get()) {
            case PROXY_503 -> {
                String page = "<html>503 Service Unavailable</html>";
                out.write(("HTTP/1.1 503 Service Unavailable\r\nContent-Length: " + page.length() + "\r\n\r\n" + page)
                        .getBytes(ISO_8859_1));
            }
            case ERROR_500 -> {
                Answer answer = error(500, 1, "internal server error");
                write(out, answer, packed(answer.body()), Integer.MAX_VALUE);
            }
            case UNAUTHORIZED -> {
                Answer answer = error(401, 10, "not authenticated");
                write(out, answer, packed(answer.body()), Integer.MAX_VALUE);
            }
            case FORBIDDEN -> {
                Answer answer = error(403, 5, "forbidden");
                write(out, answer, packed(answer.body()), Integer.MAX_VALUE);
            }
            case CUT_BEFORE -> {}
            case CUT_AFTER -> {
                var _ = handle(request);
            }
            case CUT_BODY -> {
                Answer answer = handle(request);
                write(out, answer, packed(answer.body()), 0);
            }
            case CUT_HALF -> {
                Answer answer = handle(request);
                byte[] body = packed(answer.body());
                write(out, answer, body, body.length / 2);
            }
            case NO_JSON -> {
                Answer answer = new Answer(handle(request).status(), "<html>", Map.of());
                write(out, answer, packed(answer.body()), Integer.MAX_VALUE);
            }
            case HANG -> end.await();
        }
    }

    private record Answer(int status, String body, Map<String, String> headers) {}

    private static byte[] packed(String body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private static void write(OutputStream out, Answer answer, byte[] body, int atMost) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status()
                + " Any\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nVary: Accept-Encoding\r\n"
                + "Connection: close\r\nContent-Length: " + body.length + "\r\n");
        answer.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        out.write(head.append("\r\n").toString().getBytes(ISO_8859_1));
        out.write(body, 0, Math.min(atMost, body.length));
        out.flush();
    }

    private Answer handle(Request request) {
        if (!"CDS/service".equals(request.headers().get("User-Agent"))) {
            return objected(request, List.of("the User-Agent is not CDS/service"), 401, 10, "not authenticated");
        }
        List<String> wrong = new ArrayList<>();
        HEADERS.forEach((name, value) -> {
            if (!value.equals(request.headers().get(name))) {
                wrong.add(name + " is not " + value);
            }
        });
        request.headers().keySet().stream()
                .filter(name -> !HEADERS.containsKey(name) && !MORE.contains(name))
                .forEach(name -> wrong.add("there is a header " + name));
        if (!wrong.isEmpty()) {
            return objected(request, wrong, 400, 74, "wrong request");
        }
        if (request.method().equals("GET") && request.path().equals("/mon/version")) {
            return new Answer(
                    200,
                    "{\"version\":" + Json.quoted(version)
                            + ",\"architecture\":\"amd64\",\"os\":\"linux\",\"git_hash\":\"\",\"build_time\":\"\"}",
                    Map.of());
        }
        if (request.path().equals("/services/register")) {
            return request.method().equals("POST") ? register(request) : notFound();
        }
        if (!isKnown || !encoded(hash).equals(request.headers().get("X_auth_header"))) {
            return error(401, 10, "not authenticated");
        }
        if (request.method().equals("GET") && request.path().equals("/workflow/hook")) {
            return new Answer(200, "[" + String.join(",", hooks.values()) + "]", Map.of());
        }
        Matcher run = RUN.matcher(request.path());
        if (request.method().equals("POST") && run.matches()) {
            return run(request, decoded(run.group(1)), decoded(run.group(2)));
        }
        Matcher platform = PLATFORM.matcher(request.path());
        if (request.method().equals("GET") && platform.matches()) {
            String json = platforms.get(decoded(platform.group(1)) + "/" + decoded(platform.group(2)));
            return json == null ? notFound() : new Answer(200, json, Map.of());
        }
        Matcher poll = EVENTS.matcher(request.path());
        if (request.method().equals("GET") && poll.matches()) {
            if (!hooks.containsKey(decoded(poll.group(1)))) {
                return notFound();
            }
            String last = String.valueOf(request.headers().get("X-Cds-Last-Execution"));
            return last.matches("[0-9]+")
                    ? new Answer(200, events, Map.of("X-CDS-Poll-Interval", "90.5"))
                    : objected(request, List.of("X-Cds-Last-Execution is " + last), 400, 74, "wrong request");
        }
        return notFound();
    }

    private Answer register(Request request) {
        Object body;
        try {
            body = Json.read(request.body());
        } catch (IllegalArgumentException e) {
            return objected(request, List.of(String.valueOf(e.getMessage())), 400, 74, "wrong request");
        }
        List<String> wrong = Shapes.registration(body);
        if (!wrong.isEmpty() || !(body instanceof Map<?, ?> service)) {
            return objected(request, wrong, 400, 74, "wrong request");
        }
        if (!TOKEN.equals(service.get("token"))) {
            return error(401, 10, "not authenticated");
        }
        isKnown = true;
        registered = service;
        serviceUrl = String.valueOf(service.get("http_url"));
        return new Answer(
                200,
                "{\"id\":1,\"name\":" + Json.quoted(String.valueOf(service.get("name")))
                        + ",\"type\":\"hooks\",\"http_url\":" + Json.quoted(serviceUrl)
                        + ",\"last_heartbeat\":\"2026-11-24T02:50:45Z\",\"hash\":\"" + hash
                        + "\",\"token\":\"\",\"group_id\":1,\"group\":null,\"monitoring_status\":{\"now\":\"0001-01-01T00:00:00Z\","
                        + "\"lines\":null},\"config\":null,\"is_shared_infra\":true,\"version\":"
                        + Json.quoted(String.valueOf(service.get("version"))) + ",\"up_to_date\":"
                        + version.equals(service.get("version")) + "}",
                Map.of());
    }

    private Answer run(Request request, String project, String workflow) {
        Object body;
        try {
            body = Json.read(request.body());
        } catch (IllegalArgumentException e) {
            return objected(request, List.of(String.valueOf(e.getMessage())), 400, 74, "wrong request");
        }
        List<String> wrong = Shapes.run(body);
        if (!wrong.isEmpty()
                || !(body instanceof Map<?, ?> members)
                || !(members.get("hook") instanceof Map<?, ?> hook)
                || !(hook.get("payload") instanceof Map<?, ?> values)) {
            return objected(request, wrong, 400, 74, "wrong request");
        }
        String uuid = String.valueOf(hook.get("uuid"));
        String known = hooks.get(uuid);
        if (hooks.values().stream().noneMatch(json -> isOf(json, project, workflow))) {
            return error(404, 92, "Workflow not found");
        }
        if (known == null || !isOf(known, project, workflow)) {
            return error(404, 40, "hook not found");
        }
        Map<String, String> payload = new LinkedHashMap<>();
        values.forEach((name, value) -> payload.put(String.valueOf(name), String.valueOf(value)));
        int number = numbers.incrementAndGet();
        runs.add(new Run(project, workflow, uuid, payload, number));
        return new Answer(
                202,
                "{\"id\":" + (1000 + number) + ",\"num\":" + number
                        + ",\"project_id\":1,\"workflow_id\":7,\"status\":\"Building\",\"workflow\":{\"id\":7,\"num\":0}}",
                Map.of());
    }

    private static boolean isOf(String hook, String project, String workflow) {
        return hook.contains("\"project\":{\"value\":" + Json.quoted(project) + ",")
                && hook.contains("\"workflow\":{\"value\":" + Json.quoted(workflow) + ",");
    }

    private Answer objected(Request request, List<String> wrong, int status, int id, String message) {
        objections.add(request.method() + " " + request.path() + ": " + wrong);
        return error(status, id, message);
    }

    private static Answer notFound() {
        return error(404, 38, "resource not found");
    }

    private static Answer error(int status, int id, String message) {
        return new Answer(
                status,
                "{\"id\":" + id + ",\"message\":" + Json.quoted(message) + ",\"uuid\":\"" + UUID.randomUUID() + "\"}",
                Map.of());
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), UTF_8);
    }

    private static Optional<Request> read(InputStream in) throws IOException {
        String first = line(in);
        if (first.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(header.substring(0, colon), header.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
        String[] words = first.split(" ");
        return Optional.of(new Request(words[0], words[1], headers, new String(in.readNBytes(length), UTF_8)));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        stop();
    }
}
