package org.cdshooks.plugin.gitpoller;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;
import org.cdshooks.toolkit.repository.OnceKey;
import org.jspecify.annotations.Nullable;

/** The server of one task: where it is, what the repository is called there, how to log in. */
final class Server {
    private final Provider provider;
    private final Http http;
    private final URI base;
    private final String repository;
    private final Optional<String> username;
    private final Optional<Secret> token;
    private final Optional<SshAddress> ssh;
    private final HookConfig config;
    private @Nullable SshLogin login;

    private Server(
            Provider provider,
            Http http,
            URI base,
            String repository,
            Optional<String> username,
            Optional<Secret> token,
            Optional<SshAddress> ssh,
            HookConfig config) {
        this.provider = provider;
        this.http = http;
        this.base = base;
        this.repository = repository;
        this.username = username;
        this.token = token;
        this.ssh = ssh;
        this.config = config;
    }

    /**
     * Reads it from a config.
     *
     * @throws IllegalStateException if the config lacks something, which it does not if it was checked
     */
    static Server of(Provider provider, HookConfig config, Http http) {
        Optional<String> url = PollerOptions.written(config, PollerOptions.URL);
        if (provider.publicApi().isEmpty() && url.isEmpty()) {
            throw new IllegalStateException("option url is required for the provider " + provider.word());
        }
        Optional<SshAddress> ssh = provider == Provider.GIT ? PollerOptions.sshAddress(config) : Optional.empty();
        URI base = ssh.map(SshAddress::uri)
                .orElseGet(() ->
                        URI.create(provider == Provider.GIT ? withoutSlash(url.orElseThrow()) : provider.api(url)));
        return new Server(
                provider,
                http,
                base,
                PollerOptions.written(config, PollerOptions.REPOSITORY).orElseGet(() -> nameOf(base)),
                PollerOptions.written(config, PollerOptions.USERNAME),
                config.find(PollerOptions.TOKEN).filter(token -> !token.reveal().isBlank()),
                ssh,
                config);
    }

    private static String withoutSlash(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    /** What a repository is called that has no other name: the path of its address. */
    private static String nameOf(URI base) {
        String path = String.valueOf(base.getPath());
        String name = path.startsWith("/") ? path.substring(1) : path;
        return name.endsWith(".git") ? name.substring(0, name.length() - ".git".length()) : name;
    }

    String repository() {
        return repository;
    }

    /** Names the repository among all repositories that a cursor may be of. */
    String repositoryId() {
        return provider.word() + " " + base + " " + repository;
    }

    /** Where the limits of the server are counted. */
    String address() {
        return base.getScheme() + "://" + base.getRawAuthority();
    }

    /** The host as webhooks of the same server name it; those of Bitbucket Server name none. */
    String host() {
        return provider == Provider.BITBUCKET_SERVER ? "" : OnceKey.host(base.toString());
    }

    /** How many requests an hour the server takes, if it is known and the server does not say; 0 if not. */
    int requestsPerHour() {
        return provider == Provider.BITBUCKET_CLOUD ? (token.isPresent() ? 1000 : 60) : 0;
    }

    /** What the limits of the server are counted for. */
    Optional<Secret> credential() {
        return config.find(ssh.isPresent() ? PollerOptions.PRIVATE_KEY : PollerOptions.TOKEN);
    }

    Session session(Budget budget, InstantSource clock) {
        // GitHub counts what has not changed for those who do not log in
        boolean freeIfUnchanged = provider == Provider.GITHUB && token.isPresent();
        return new Session(http, budget, clock, base, headers(), freeIfUnchanged);
    }

    Source source(Session session) throws PollFailure {
        return switch (provider) {
            case CDS -> throw new IllegalStateException("the host lists nothing");
            case GIT -> new GitSource(remote(session));
            case GITHUB -> new GitHubSource(session, base, repository);
            case GITLAB -> new GitLabSource(session, base, repository);
            case GITEA -> new GiteaSource(session, base, repository);
            case BITBUCKET_CLOUD -> new BitbucketCloudSource(session, base, repository);
            case BITBUCKET_SERVER -> new BitbucketServerSource(session, base, repository);
        };
    }

    private GitRemote remote(Session session) throws PollFailure {
        if (ssh.isEmpty()) {
            return new HttpRemote(session, base);
        }
        session.countOne();
        return new SshRemote(ssh.get(), login());
    }

    /** Reads the key when it is needed first: one with a passphrase is slow to open, and a node may have many tasks. */
    private synchronized SshLogin login() throws PollFailure {
        SshLogin read = login;
        if (read == null) {
            read = SshLogin.of(config);
            login = read;
        }
        return read;
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>();
        headers.put("User-Agent", "cds-hooks");
        switch (provider) {
            case GITHUB -> {
                headers.put("Accept", "application/vnd.github+json");
                headers.put("X-GitHub-Api-Version", "2022-11-28");
            }
            case GIT -> {}
            default -> headers.put("Accept", "application/json");
        }
        token.ifPresent(secret -> login(secret.reveal(), headers));
        return headers;
    }

    private void login(String secret, Map<String, String> headers) {
        if (username.isPresent() || provider == Provider.GIT) {
            // servers of git look at the token alone, but want some user
            String pair = username.orElse("git") + ":" + secret;
            headers.put("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
            return;
        }
        switch (provider) {
            case GITLAB -> headers.put("PRIVATE-TOKEN", secret);
            case GITEA -> headers.put("Authorization", "token " + secret);
            default -> headers.put("Authorization", "Bearer " + secret);
        }
    }
}
