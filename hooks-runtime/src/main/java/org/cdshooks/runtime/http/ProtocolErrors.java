package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Answers to what is no HTTP request, or none that is let in, before any route sees it. The connection is closed after each.
 */
final class ProtocolErrors {
    private ProtocolErrors() {}

    static DirectHandlers handlers() {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            handlers.addHandler(type, ProtocolErrors::answer);
        }
        return handlers.build();
    }

    private static DirectHandler.TransportResponse answer(
            DirectHandler.TransportRequest request,
            DirectHandler.EventType event,
            Status status,
            ServerResponseHeaders headers,
            @Nullable String message) {
        int code = status(request, status.code(), message);
        ServerResponseHeaders out = ServerResponseHeaders.create();
        out.set(HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/json"));
        if (code == 415) {
            out.set(HeaderValues.create(HeaderNames.ACCEPT_ENCODING, "identity"));
        } else if (code == 503) {
            out.set(HeaderValues.create(HeaderNames.RETRY_AFTER, "1"));
        }
        return DirectHandler.TransportResponse.builder()
                .status(Statuses.of(code))
                .headers(out)
                .keepAlive(false)
                .entity(body(code))
                .build();
    }

    /** The library says 400 for two things that have a status of their own. */
    private static int status(DirectHandler.TransportRequest request, int status, @Nullable String message) {
        if (status == 400 && "Header size exceeded".equals(message)) {
            return 431;
        }
        if (status == 400
                && request.headers().contains(HeaderNames.CONTENT_ENCODING)
                && message != null
                && message.startsWith("Content-Encoding")) {
            return 415;
        }
        return status;
    }

    private static byte[] body(int status) {
        return ErrorBody.render(status, detail(status), List.of(), "", UUID.randomUUID());
    }

    private static String detail(int status) {
        return switch (status) {
            case 400 -> "this is not a well-formed HTTP/1.1 request";
            case 413 -> "send less";
            case 415 -> "send the body without Content-Encoding";
            case 431 -> "send fewer or shorter headers";
            case 503 -> "too many connections or requests at the same time; try again";
            default -> "";
        };
    }

    /** A whole answer as bytes, for where there is no request to answer. */
    static byte[] raw(int status) {
        byte[] body = body(status);
        byte[] head = ("HTTP/1.1 " + status + ' ' + Statuses.of(status).reasonPhrase()
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                        + "\r\nConnection: close\r\n" + (status == 503 ? "Retry-After: 1\r\n" : "") + "\r\n")
                .getBytes(US_ASCII);
        return Http10.concat(head, body);
    }
}
