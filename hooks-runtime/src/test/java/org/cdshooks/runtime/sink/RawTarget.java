package org.cdshooks.runtime.sink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on a free port of loopback that answers exactly the bytes that a test wants, and keeps what it was sent. */
final class RawTarget implements AutoCloseable {
    /** One request. */
    record Request(String line, Map<String, String> headers, String body) {}

    /** What to do with a connection after a request; returns whether the connection goes on. */
    interface Answering {
        boolean answer(Request request, Socket socket, OutputStream out) throws Exception;
    }

    final List<Request> requests = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    private final ServerSocket server;
    private final Answering answering;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    RawTarget(Answering answering) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")), answering);
    }

    RawTarget(ServerSocket server, Answering answering) {
        this.server = server;
        this.answering = answering;
        Thread.startVirtualThread(this::accept);
    }

    /** A target that always gives this answer and keeps the connection. */
    static RawTarget answering(String head, String body) throws IOException {
        return new RawTarget((request, socket, out) -> {
            write(out, head, body);
            return true;
        });
    }

    static void write(OutputStream out, String head, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        String all = "HTTP/1.1 " + head + "\r\nContent-Length: " + bytes.length + "\r\n\r\n";
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(all.getBytes(ISO_8859_1));
        whole.write(bytes);
        whole.writeTo(out);
        out.flush();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread.startVirtualThread(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            boolean on = true;
            while (on) {
                String line = line(in);
                if (line.isEmpty()) {
                    return;
                }
                Map<String, String> headers = new TreeMap<>();
                for (String header = line(in); !header.isEmpty(); header = line(in)) {
                    int colon = header.indexOf(':');
                    headers.put(
                            header.substring(0, colon).toLowerCase(Locale.ROOT),
                            header.substring(colon + 1).strip());
                }
                int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
                Request request = new Request(
                        line, Collections.unmodifiableMap(headers), new String(in.readNBytes(length), UTF_8));
                requests.add(request);
                on = answering.answer(request, socket, socket.getOutputStream());
            }
        } catch (Exception e) {
            // The other side went away: what most of these tests are about.
        } finally {
            open.remove(socket);
        }
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

    int port() {
        return server.getLocalPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
