package org.cdshooks.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.cdshooks.api.HttpCall;
import org.cdshooks.api.Payload;

/** Payloads that no hook type expects. */
final class ForeignPayloads {
    private ForeignPayloads() {}

    static List<Payload> all() {
        byte[] noise = new byte[4096];
        new Random(42).nextBytes(noise);
        return List.of(
                Payload.empty(),
                Payload.of("application/octet-stream", noise),
                text("application/json", "{\"cut off"),
                text("application/json", "null"),
                text("application/json", "[[1, \"two\", null], {}]"),
                text("application/json", "{\"a\": ".repeat(2000)),
                text("application/x-www-form-urlencoded", "%zz=%&&=&a=b=c"),
                text("application/xml", "<a><b></a>"),
                text("no media type; at=all;;", "some text"),
                text("text/plain; charset=no-such-charset", "some text"),
                TestCall.of("DELETE", "/../%zz?%zz&=&a")
                        .header("x-foreign", "1")
                        .header("x-foreign", "2")
                        .body("{}")
                        .toPayload(),
                text("", "").withAttributes(Map.of(HttpCall.METHOD, List.of(), "", List.of(""))));
    }

    private static Payload text(String contentType, String body) {
        return Payload.of(contentType, body.getBytes(UTF_8));
    }
}
