package org.cdshooks.plugin.gitpoller;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Whom a poller may ask. */
enum Provider {
    /** The host, which asks the server. */
    CDS("cds", "", ""),
    /** Any server that git can fetch from over HTTP or SSH. */
    GIT("git", "", ""),
    /** GitHub and GitHub Enterprise Server. */
    GITHUB("github", "https://api.github.com", "/api/v3"),
    /** GitLab. */
    GITLAB("gitlab", "https://gitlab.com/api/v4", "/api/v4"),
    /** Gitea and Forgejo. */
    GITEA("gitea", "", "/api/v1"),
    /** Bitbucket Cloud. */
    BITBUCKET_CLOUD("bitbucket-cloud", "https://api.bitbucket.org/2.0", "/2.0"),
    /** Bitbucket Server and Data Center. */
    BITBUCKET_SERVER("bitbucket-server", "", "/rest/api/1.0");

    /** All that may happen. */
    static final List<String> EVENT_WORDS = List.of(
            "branch.created",
            "branch.updated",
            "branch.deleted",
            "tag.created",
            "tag.updated",
            "tag.deleted",
            "pullrequest.opened",
            "pullrequest.updated",
            "pullrequest.reopened",
            "pullrequest.merged",
            "pullrequest.closed");

    private final String word;
    private final String publicApi;
    private final String apiPath;

    Provider(String word, String publicApi, String apiPath) {
        this.word = word;
        this.publicApi = publicApi;
        this.apiPath = apiPath;
    }

    String word() {
        return word;
    }

    /** The API of the public server; empty if there is none, or none that everybody uses. */
    Optional<String> publicApi() {
        return this == CDS ? Optional.of("") : Optional.of(publicApi).filter(url -> !url.isEmpty());
    }

    /** Returns where the API is, given where people say that the server is. */
    String api(Optional<String> url) {
        String base = url.map(text -> text.endsWith("/") ? text.substring(0, text.length() - 1) : text)
                .orElse(publicApi);
        return base.equals(publicApi) || base.endsWith(apiPath) ? base : base + apiPath;
    }

    static Provider of(String word) {
        return Arrays.stream(values())
                .filter(provider -> provider.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no provider " + word));
    }

    static String[] words() {
        return Arrays.stream(values()).map(Provider::word).toArray(String[]::new);
    }

    static List<String> withoutHost() {
        return Arrays.stream(values())
                .filter(provider -> provider != CDS)
                .map(Provider::word)
                .toList();
    }
}
