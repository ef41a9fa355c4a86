package org.cdshooks.runtime.store.redis;

import io.lettuce.core.RedisURI;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a Redis is:
 *
 * <pre>
 * redis://[user:password@]host[:port][/database]         one Redis
 * rediss://…                                             the same with TLS; the certificate must be of that host
 * redis-sentinel://[…@]host[:port],…[/database]#master   behind Sentinel; rediss-sentinel with TLS
 * redis-cluster://[…@]host[:port],…                      a Cluster, by any of its nodes; rediss-cluster with TLS
 * host[:port]  and  master@host[:port],…                 one Redis and Sentinel as CDS writes them
 * </pre>
 *
 * @param kind what it is
 * @param uris for Lettuce: one, or some nodes of a Cluster
 * @param words for people: without secrets
 */
record RedisAddress(Kind kind, List<RedisURI> uris, String words) {
    private static final int PORT = 6379;
    private static final int SENTINEL_PORT = 26379;
    private static final String FORMS =
            "is redis://host:port, rediss://…, redis-sentinel://host:port,host:port#master, redis-cluster://host:port,host:port"
                    + " or, as CDS writes it, host:port or master@host:port,host:port";

    enum Kind {
        STANDALONE,
        SENTINEL,
        CLUSTER
    }

    /** A host and its port. */
    private record Node(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException with the way out, and without the secrets in it
     */
    static RedisAddress of(RedisOptions options) {
        String url = options.url().strip();
        if (url.isEmpty()) {
            throw new IllegalArgumentException("is needed: it " + FORMS);
        }
        int scheme = url.indexOf("://");
        if (scheme < 0) {
            return ofCds(url, options);
        }
        String name = url.substring(0, scheme).toLowerCase(Locale.ROOT);
        boolean tls = name.startsWith("rediss");
        return switch (tls ? name.replaceFirst("rediss", "redis") : name) {
            case "redis" -> of(Kind.STANDALONE, url.substring(scheme + 3), tls, options);
            case "redis-sentinel" -> of(Kind.SENTINEL, url.substring(scheme + 3), tls, options);
            case "redis-cluster" -> of(Kind.CLUSTER, url.substring(scheme + 3), tls, options);
            default -> throw new IllegalArgumentException("'" + name + "://' is not known: it " + FORMS);
        };
    }

    private static RedisAddress ofCds(String text, RedisOptions options) {
        int at = text.indexOf('@');
        return at < 0
                ? build(Kind.STANDALONE, nodes(text, PORT), "", 0, false, Optional.empty(), options)
                : build(
                        Kind.SENTINEL,
                        nodes(text.substring(at + 1), SENTINEL_PORT),
                        text.substring(0, at),
                        0,
                        false,
                        Optional.empty(),
                        options);
    }

    private static RedisAddress of(Kind kind, String rest, boolean tls, RedisOptions options) {
        String fragment = "";
        int hash = rest.indexOf('#');
        if (hash >= 0) {
            fragment = rest.substring(hash + 1);
            rest = rest.substring(0, hash);
        }
        if (kind == Kind.SENTINEL && fragment.isEmpty()) {
            throw new IllegalArgumentException("names no master: redis-sentinel://host:port,host:port#master");
        }
        int database = 0;
        int slash = rest.indexOf('/');
        if (slash >= 0) {
            String path = rest.substring(slash + 1);
            if (!path.matches("\\d{0,4}")) {
                throw new IllegalArgumentException("has the database '" + path + "', which must be a number");
            }
            database = path.isEmpty() ? 0 : Integer.parseInt(path);
            rest = rest.substring(0, slash);
        }
        if (kind == Kind.CLUSTER && database != 0) {
            throw new IllegalArgumentException("has a database, but a Cluster has only database 0");
        }
        Optional<String> login = Optional.empty();
        int at = rest.lastIndexOf('@');
        if (at >= 0) {
            login = Optional.of(rest.substring(0, at));
            rest = rest.substring(at + 1);
        }
        List<Node> nodes = nodes(rest, kind == Kind.SENTINEL ? SENTINEL_PORT : PORT);
        if (kind == Kind.STANDALONE && nodes.size() > 1) {
            throw new IllegalArgumentException(
                    "has several hosts, but is one Redis: redis-sentinel:// or redis-cluster:// have several");
        }
        return build(kind, nodes, fragment, database, tls, login, options);
    }

    private static List<Node> nodes(String text, int defaultPort) {
        List<Node> nodes = new ArrayList<>();
        for (String part : text.split(",")) {
            URI uri;
            try {
                uri = new URI("redis://" + part.strip()).parseServerAuthority();
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException("has '" + part.strip() + "', which is no host:port", e);
            }
            if (uri.getHost() == null || uri.getUserInfo() != null || uri.getPort() == 0 || uri.getPort() > 65535) {
                throw new IllegalArgumentException("has '" + part.strip() + "', which is no host:port");
            }
            nodes.add(new Node(uri.getHost(), uri.getPort() < 0 ? defaultPort : uri.getPort()));
        }
        return nodes;
    }

    private static RedisAddress build(
            Kind kind,
            List<Node> nodes,
            String master,
            int database,
            boolean tls,
            Optional<String> login,
            RedisOptions options) {
        List<RedisURI> uris = new ArrayList<>();
        if (kind == Kind.SENTINEL) {
            RedisURI.Builder builder = RedisURI.Builder.sentinel(
                    nodes.getFirst().host(), nodes.getFirst().port(), master);
            nodes.stream().skip(1).forEach(node -> builder.withSentinel(node.host(), node.port()));
            uris.add(secured(builder, database, tls, login, options));
        } else {
            for (Node node : nodes) {
                uris.add(secured(RedisURI.Builder.redis(node.host(), node.port()), database, tls, login, options));
            }
        }
        String hosts = String.join(",", nodes.stream().map(Node::toString).toList());
        String words = switch (kind) {
            case STANDALONE -> hosts;
            case SENTINEL -> "'" + master + "' behind Sentinel " + hosts;
            case CLUSTER -> "the Cluster of " + hosts;
        };
        return new RedisAddress(kind, List.copyOf(uris), words + (tls ? " (TLS)" : ""));
    }

    private static RedisURI secured(
            RedisURI.Builder builder, int database, boolean tls, Optional<String> login, RedisOptions options) {
        builder.withDatabase(database).withSsl(tls).withTimeout(RedisOptions.TIMEOUT);
        String[] parts = login.orElse("").split(":", 2);
        Optional<String> user =
                options.username().or(() -> Optional.of(decoded(parts[0])).filter(u -> !u.isEmpty()));
        Optional<String> password = options.password()
                .or(() -> parts.length < 2 ? Optional.empty() : Optional.of(decoded(parts[1])))
                .filter(p -> !p.isEmpty());
        if (user.isPresent() && password.isEmpty()) {
            throw new IllegalArgumentException("has a user and no password; store.redis.password can say it, too");
        }
        password.ifPresent(secret -> {
            if (user.isPresent()) {
                builder.withAuthentication(user.get(), secret.toCharArray());
            } else {
                builder.withPassword(secret.toCharArray());
            }
        });
        return builder.build();
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Returns a URL as it may be shown: with stars where the login is. */
    static String withoutSecrets(String url) {
        int scheme = url.indexOf("://");
        int at = url.lastIndexOf('@');
        return scheme < 0 || at < scheme ? url : url.substring(0, scheme + 3) + "**********" + url.substring(at);
    }
}
