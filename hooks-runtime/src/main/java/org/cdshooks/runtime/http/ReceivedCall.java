package org.cdshooks.runtime.http;

import io.helidon.http.Header;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cdshooks.api.HttpCall;

/** A request as the hook sees it: bytes and text as they were sent. */
final class ReceivedCall implements HttpCall {
    private final String method;
    private final String path;
    private final String query;
    private final Map<String, List<String>> headers;
    private final byte[] body;

    private ReceivedCall(String method, String path, String query, Map<String, List<String>> headers, byte[] body) {
        this.method = method;
        this.path = path;
        this.query = query;
        this.headers = headers;
        this.body = body;
    }

    static ReceivedCall of(Exchange exchange, String below, byte[] body) {
        Map<String, List<String>> headers =
                LinkedHashMap.newLinkedHashMap(exchange.headers().size());
        for (Header header : exchange.headers()) {
            headers.put(header.headerName().lowerCase(), List.copyOf(header.allValues()));
        }
        return new ReceivedCall(
                exchange.method(), below, exchange.rawQuery(), Collections.unmodifiableMap(headers), body);
    }

    /** A request that somebody describes; names of headers may be in any case. */
    static ReceivedCall of(String method, String query, Map<String, List<String>> headers, String path, byte[] body) {
        return new ReceivedCall(method, path, query, Collections.unmodifiableMap(headers), body);
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String query() {
        return query;
    }

    @Override
    public Map<String, List<String>> headers() {
        return headers;
    }

    @Override
    public byte[] body() {
        return body.clone();
    }

    /** Leaves query, headers and body out: there may be secrets in them. */
    @Override
    public String toString() {
        return "ReceivedCall[" + method + ' ' + path + ", " + body.length + " bytes]";
    }
}
