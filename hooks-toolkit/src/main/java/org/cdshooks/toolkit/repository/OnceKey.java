package org.cdshooks.toolkit.repository;

import java.net.URI;
import java.util.Locale;

/**
 * Names what happened in a repository, the same for a webhook and a poller: what {@code HookEvent.once} is given. Servers
 * write names in other cases and with {@code .git}, and zeros or nothing where there is no hash.
 */
public final class OnceKey {
    private OnceKey() {}

    /**
     * Names an event.
     *
     * @param host the host that {@link #host} found; empty if the sender does not tell
     * @param event what happened
     * @return its name
     */
    public static String of(String host, RepositoryEvent event) {
        String where = host + "|" + repository(event.repository());
        return switch (event) {
            case RefChange change ->
                "ref|" + where + "|" + ref(change.ref()) + "|" + hash(change.before()) + "|" + hash(change.after());
            case PullRequestChange change ->
                "pull|" + where + "|" + change.id() + "|" + change.action().word() + "|"
                        + hash(change.from().hash()) + "|" + change.to().branch() + "|" + change.title();
        };
    }

    /**
     * Finds the host of an address at which people or programs reach a server, as all name it: in lower case, without the
     * port that goes without saying and without the {@code api.} of public servers.
     *
     * @param address an address, such as {@code https://api.github.com}
     * @return host and perhaps port; empty if the address has none
     */
    public static String host(String address) {
        URI uri;
        try {
            uri = URI.create(address.strip());
        } catch (IllegalArgumentException e) {
            return "";
        }
        if (uri.getHost() == null) {
            return "";
        }
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        if (host.equals("api.github.com") || host.equals("api.bitbucket.org")) {
            host = host.substring("api.".length());
        }
        boolean usual = uri.getPort() < 0
                || "https".equalsIgnoreCase(uri.getScheme()) && uri.getPort() == 443
                || "http".equalsIgnoreCase(uri.getScheme()) && uri.getPort() == 80;
        return usual ? host : host + ":" + uri.getPort();
    }

    private static String repository(String name) {
        String lower = name.strip().toLowerCase(Locale.ROOT);
        return lower.endsWith(".git") ? lower.substring(0, lower.length() - ".git".length()) : lower;
    }

    private static String ref(String ref) {
        return ref.startsWith("refs/") ? ref : "refs/heads/" + ref;
    }

    private static String hash(String hash) {
        return RefChange.isNoHash(hash) ? "" : hash.toLowerCase(Locale.ROOT);
    }
}
