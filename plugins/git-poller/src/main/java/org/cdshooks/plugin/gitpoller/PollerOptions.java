package org.cdshooks.plugin.gitpoller;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;
import org.cdshooks.toolkit.FlatJson;
import org.cdshooks.toolkit.JsonFlattener;
import org.cdshooks.toolkit.Numbers;

/** The options of a poller task, and what they mean together. */
final class PollerOptions {
    static final ConfigOption<String> PROVIDER = ConfigOption.choice(
                    "provider",
                    "Whom to ask: the CDS API, which knows the repository of the task (cds), any server that git can fetch"
                            + " from over HTTP or SSH (git), or the API of a kind of server.",
                    Provider.words())
            .withDefault(Provider.CDS.word());
    static final ConfigOption<String> REPOSITORY = ConfigOption.string(
                    "repository",
                    "The full name of the repository, such as owner/name; on Bitbucket Server PROJECT/name. For git it is"
                            + " what events call it, by default the path of url.")
            .where(
                    name -> name.isBlank() || Pattern.matches("[^/?#\\s]+(/[^/?#\\s]+)+", name.strip()),
                    "must be a full name such as owner/name");
    static final ConfigOption<String> URL = ConfigOption.string(
                    "url",
                    "For git the address that it clones from, also ssh://git@host/path or git@host:path; else where the"
                            + " server is, such as https://git.example.org, if it is not the public one.")
            .where(
                    PollerOptions::isAddressOrNothing,
                    "must be an http or https address without user, query and fragment, or for git one such as"
                            + " ssh://git@host:22/path or git@host:path");
    static final ConfigOption<Secret> TOKEN = ConfigOption.secret(
            "token",
            "The access token for the server, or the password of username. Public repositories may need none.");
    static final ConfigOption<String> USERNAME = ConfigOption.string(
            "username", "The user to log in as, where token is a password; git and Bitbucket Cloud may need it.");
    static final ConfigOption<Secret> PRIVATE_KEY = ConfigOption.secret(
            "privateKey",
            "With SSH, the private key to log in with: the text of a file of ssh-keygen (OpenSSH or PEM).");
    static final ConfigOption<Secret> PASSPHRASE =
            ConfigOption.secret("passphrase", "With SSH, what privateKey is protected with, if it is.");
    static final ConfigOption<String> KNOWN_HOSTS = ConfigOption.string(
            "knownHosts",
            "With SSH, the keys of the server, as lines of known_hosts such as ssh-keyscan prints. A server with another"
                    + " key is not spoken to.");
    static final ConfigOption<Duration> INTERVAL = ConfigOption.duration(
                    "interval", "The time between two polls; the server may ask for more.")
            .withDefault(Duration.ofMinutes(1))
            .where(
                    interval -> interval.compareTo(Duration.ofSeconds(5)) >= 0
                            && interval.compareTo(Duration.ofDays(7)) <= 0,
                    "must be from 5s to 7d");
    static final ConfigOption<String> EVENTS = ConfigOption.string(
                    "events",
                    "What makes events, separated by commas: branch, tag or pullrequest for all that happens to one, or a"
                            + " single thing such as branch.deleted or pullrequest.merged. Not for cds.")
            .withDefault("branch.created,branch.updated,tag.created,tag.updated")
            .where(text -> unknownWords(text).isEmpty(), "must be of " + Provider.EVENT_WORDS);
    static final ConfigOption<Boolean> EMIT_INITIAL = ConfigOption.bool(
                    "emitInitial",
                    "Make events of what the first poll finds, as if it all were new. Else that poll only looks. Not for"
                            + " cds.")
            .withDefault(false);
    static final ConfigOption<String> VCS_SERVER = ConfigOption.string(
            "vcsServer", "The name that the CDS API has for the version control server. For cds only.");
    static final ConfigOption<String> PAYLOAD = ConfigOption.string(
            "payload",
            "JSON whose values go along with each event, and win over those of the repository unless they are empty.");
    static final ConfigOption<String> NEXT_EXECUTION = ConfigOption.string(
            "next_execution", "When to poll first, in seconds since 1970, if that is still to come. CDS sends it.");
    static final ConfigOption<String> NUMBERS = ConfigOption.choice(
                    "numbers",
                    "How numbers of the payload are written: whole ones with all digits (exact), or as CDS does (go):"
                            + " 1000000 as 1e+06.",
                    Numbers.EXACT.word(),
                    Numbers.GO.word())
            .withDefault(Numbers.EXACT.word());

    static final ConfigDef ALL = ConfigDef.of(
            PROVIDER,
            REPOSITORY,
            URL,
            TOKEN,
            USERNAME,
            PRIVATE_KEY,
            PASSPHRASE,
            KNOWN_HOSTS,
            INTERVAL,
            EVENTS,
            EMIT_INITIAL,
            VCS_SERVER,
            PAYLOAD,
            NEXT_EXECUTION,
            NUMBERS);

    private PollerOptions() {}

    /** Returns all that is wrong with a task that is stored now. */
    static List<ConfigProblem> problems(HookConfig config) {
        List<ConfigProblem> problems = new ArrayList<>();
        Provider provider = provider(config);
        if (provider == Provider.CDS) {
            if (written(config, VCS_SERVER).isEmpty()) {
                problems.add(new ConfigProblem(
                        VCS_SERVER.name(),
                        "is required for the provider cds; for a task without CDS set provider to one of "
                                + Provider.withoutHost()));
            }
        } else {
            if (provider != Provider.GIT && written(config, REPOSITORY).isEmpty()) {
                problems.add(new ConfigProblem(REPOSITORY.name(), "is required for the provider " + provider.word()));
            }
            if (provider.publicApi().isEmpty() && written(config, URL).isEmpty()) {
                problems.add(new ConfigProblem(
                        URL.name(),
                        "is required for the provider " + provider.word()
                                + ", since there is no public server that everybody uses"));
            }
            problems.addAll(problemsOfSsh(provider, config));
            if (provider == Provider.GIT && config.get(EVENTS).contains("pullrequest")) {
                problems.add(new ConfigProblem(
                        EVENTS.name(), "the provider git knows no pull requests; take that of the server"));
            }
        }
        written(config, PAYLOAD)
                .flatMap(json -> flatten(config, json).problem())
                .ifPresent(problem -> problems.add(new ConfigProblem(
                        PAYLOAD.name(), problem + "; write an object such as {\"git.branch\":\"master\"}")));
        return List.copyOf(problems);
    }

    private static List<ConfigProblem> problemsOfSsh(Provider provider, HookConfig config) {
        if (sshAddress(config).isEmpty()) {
            return Stream.of(PRIVATE_KEY, PASSPHRASE, KNOWN_HOSTS)
                    .filter(option -> config.find(option).isPresent())
                    .map(option -> new ConfigProblem(
                            option.name(), "is for the provider git with an address of SSH in url only"))
                    .toList();
        }
        if (provider != Provider.GIT) {
            return List.of(new ConfigProblem(
                    URL.name(), "must be an http or https address for the provider " + provider.word()));
        }
        if (revealed(config, TOKEN).isPresent()) {
            return List.of(new ConfigProblem(TOKEN.name(), "is not used with SSH, but privateKey"));
        }
        if (written(config, USERNAME).isPresent()) {
            return List.of(new ConfigProblem(USERNAME.name(), "is not used with SSH, but the user in url"));
        }
        return SshLogin.problem(config).map(List::of).orElse(List.of());
    }

    /** Returns where the repository is if it is reached with SSH. */
    static Optional<SshAddress> sshAddress(HookConfig config) {
        return written(config, URL).flatMap(SshAddress::of);
    }

    static Provider provider(HookConfig config) {
        return Provider.of(config.get(PROVIDER));
    }

    /** Returns the values that go along with each event. A payload of CDS that is no JSON is left out. */
    static Map<String, String> payload(HookConfig config) {
        return written(config, PAYLOAD)
                .map(json -> flatten(config, json).values())
                .orElse(Map.of());
    }

    /** Puts what goes along over the values of an event: it wins unless it is empty. */
    static Map<String, String> merged(Map<String, String> payload, Map<String, String> event) {
        Map<String, String> all = new TreeMap<>(payload);
        event.forEach((name, value) -> {
            if (all.getOrDefault(name, "").isEmpty()) {
                all.put(name, value);
            }
        });
        return all;
    }

    private static FlatJson flatten(HookConfig config, String json) {
        return JsonFlattener.with(Numbers.of(config.get(NUMBERS))).flattenAny(json);
    }

    /** Polls at the interval, but first when CDS says, if that is to come. */
    static Schedule schedule(HookConfig config) {
        Schedule every = Schedule.every(config.get(INTERVAL));
        return written(config, NEXT_EXECUTION)
                .flatMap(PollerOptions::seconds)
                .<Schedule>map(first -> after -> first.isAfter(after) ? Optional.of(first) : every.next(after))
                .orElse(every);
    }

    /** What CDS has there may also be a text of its own for a time, which says nothing to others. */
    private static Optional<Instant> seconds(String text) {
        return Pattern.matches("[0-9]{1,11}", text)
                ? Optional.of(Instant.ofEpochSecond(Long.parseLong(text)))
                : Optional.empty();
    }

    /** Returns the single things that make events, such as {@code branch.deleted}. */
    static Set<String> events(HookConfig config) {
        Set<String> wanted = new LinkedHashSet<>();
        for (String word : words(config.get(EVENTS))) {
            Provider.EVENT_WORDS.stream()
                    .filter(event -> event.equals(word) || event.startsWith(word + "."))
                    .forEach(wanted::add);
        }
        return wanted;
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static List<String> unknownWords(String text) {
        List<String> words = words(text);
        if (words.isEmpty()) {
            return List.of("");
        }
        return words.stream()
                .filter(word -> Provider.EVENT_WORDS.stream()
                        .noneMatch(event -> event.equals(word) || event.startsWith(word + ".")))
                .toList();
    }

    private static boolean isAddressOrNothing(String text) {
        if (text.isBlank() || SshAddress.of(text.strip()).isPresent()) {
            return true;
        }
        try {
            URI uri = URI.create(text.strip());
            return ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns a secret that was not left blank. */
    static Optional<String> revealed(HookConfig config, ConfigOption<Secret> option) {
        return config.find(option).map(Secret::reveal).filter(text -> !text.isBlank());
    }

    /** Forms send fields that were left blank as empty texts. */
    static Optional<String> written(HookConfig config, ConfigOption<String> option) {
        return config.find(option).map(String::strip).filter(text -> !text.isEmpty());
    }
}
