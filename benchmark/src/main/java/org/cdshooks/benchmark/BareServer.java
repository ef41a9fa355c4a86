package org.cdshooks.benchmark;

import io.helidon.webserver.WebServer;

/** The web server alone: reads the body, answers 200. What the service's figures are a ratio to. */
public final class BareServer {
    private BareServer() {}

    /**
     * Starts it on a free port and prints the port.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        WebServer server = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .routing(routing -> routing.post("/webhook/{uuid}", (request, response) -> {
                    byte[] body = request.content().as(byte[].class);
                    response.send("{\"bytes\":" + body.length + "}");
                }))
                .build()
                .start();
        System.out.println("is ready at http://127.0.0.1:" + server.port());
    }
}
