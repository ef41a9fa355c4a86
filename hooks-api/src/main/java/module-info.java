/**
 * The contract between the hooks runtime and the hook types it hosts.
 *
 * <p>This module needs nothing but {@code java.base} at run time.
 */
module org.cdshooks.api {
    requires static transitive org.jspecify;

    exports org.cdshooks.api;
    exports org.cdshooks.api.config;
    exports org.cdshooks.api.service;
}
