package org.cdshooks.runtime.http;

import java.util.function.Consumer;

/** {@code /admin}: orders to the service as a whole. */
final class AdminRoutes {
    private static final String ENABLE = "enable";

    private final Consumer<Boolean> maintenance;

    AdminRoutes(Consumer<Boolean> maintenance) {
        this.maintenance = maintenance;
    }

    void addTo(Routes routes) {
        routes.path("/admin/maintenance", false).on("POST", this::maintenance);
    }

    private void maintenance(Exchange exchange) {
        String enable = exchange.query(ENABLE)
                .orElseThrow(() -> HttpProblem.badParameter(
                        ENABLE, "is missing: say ?enable=true to stop the work on executions, ?enable=false to go on"));
        switch (enable) {
            case "true" -> maintenance.accept(true);
            case "false" -> maintenance.accept(false);
            default -> throw HttpProblem.badParameter(ENABLE, "'" + enable + "' is neither 'true' nor 'false'");
        }
        exchange.noContent();
    }
}
