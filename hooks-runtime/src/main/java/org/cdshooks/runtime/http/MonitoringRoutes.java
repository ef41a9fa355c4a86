package org.cdshooks.runtime.http;

import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.cdshooks.runtime.engine.EngineStatus;

/** {@code /mon}, {@code /health} and {@code /plugins}: how the service is doing. */
final class MonitoringRoutes {
    private final HttpConfig config;
    private final HttpServices services;
    private final BooleanSupplier stopping;

    MonitoringRoutes(HttpConfig config, HttpServices services, BooleanSupplier stopping) {
        this.config = config;
        this.services = services;
        this.stopping = stopping;
    }

    void addTo(Routes routes) {
        routes.path("/mon/version", true).on("GET", this::version);
        routes.path("/mon/status", true).on("GET", this::status);
        routes.path("/health/live", true).on("GET", this::live);
        routes.path("/health/ready", true).on("GET", this::ready);
        routes.path("/plugins", false)
                .on(
                        "GET",
                        exchange -> exchange.json(
                                200,
                                json -> ApiJson.plugins(json, services.plugins().get())));
    }

    private void version(Exchange exchange) {
        String architecture = System.getProperty("os.arch");
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        exchange.json(200, json -> {
            json.writeStartObject();
            json.writeStringField("version", config.build().version());
            json.writeStringField("architecture", architecture);
            json.writeStringField("os", system);
            json.writeStringField("git_hash", config.build().gitHash());
            json.writeStringField("build_time", config.build().buildTime());
            json.writeEndObject();
        });
    }

    private void status(Exchange exchange) {
        exchange.json(
                200,
                StatusDocument.json(
                        services.status().get(),
                        services.more().get(),
                        config,
                        services.clock().instant()));
    }

    /** The store is not asked for anything: a process is alive while the store is away. */
    private void live(Exchange exchange) {
        health(exchange, services.stopped().get().map(problem -> "store: " + problem));
    }

    private void ready(Exchange exchange) {
        EngineStatus status = services.status().get();
        boolean draining = status.draining() || stopping.getAsBoolean();
        health(
                exchange,
                draining
                        ? Optional.of("the service is stopping")
                        : status.storeProblem().map(problem -> "store: " + problem));
    }

    private static void health(Exchange exchange, Optional<String> problem) {
        exchange.json(problem.isEmpty() ? 200 : 503, json -> {
            json.writeStartObject();
            json.writeStringField("status", problem.isEmpty() ? "UP" : "DOWN");
            if (problem.isPresent()) {
                json.writeStringField("reason", GoJson.text(problem.get()));
            }
            json.writeEndObject();
        });
    }
}
