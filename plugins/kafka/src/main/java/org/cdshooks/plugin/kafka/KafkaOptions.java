package org.cdshooks.plugin.kafka;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;
import org.cdshooks.toolkit.BrokerMessages;
import org.cdshooks.toolkit.Numbers;

/** The options of a task, and what they mean together. */
final class KafkaOptions {
    /** What begins so is a property of the client. */
    static final String PROPERTY_PREFIX = "kafka.";

    /** Where CDS says to which project a hook belongs. */
    static final String PROJECT = "project";

    private static final Pattern BROKERS =
            Pattern.compile("\\s*[^\\s,]+:[0-9]{1,5}\\s*(,\\s*[^\\s,]+:[0-9]{1,5}\\s*)*");
    private static final Pattern TOPIC_NAME = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    static final ConfigOption<String> BROKERS_OPTION = ConfigOption.string(
                    "brokers", "Where to ask first: host:port, several separated by commas. Or give platform.")
            .where(
                    text -> text.isBlank() || BROKERS.matcher(text).matches(),
                    "must be host:port, several separated by commas");
    static final ConfigOption<String> PLATFORM = ConfigOption.string(
            "platform",
            "In place of brokers, user and password: the platform of the task's project in CDS that has them.");
    static final ConfigOption<String> TOPIC = ConfigOption.string("topic", "The topic whose messages fire the hook.")
            .where(
                    text -> text.isBlank() || TOPIC_NAME.matcher(text.strip()).matches(),
                    "must be the name of a topic: letters, digits, dot, dash and underscore; for several topics use"
                            + " topicPattern");
    static final ConfigOption<String> TOPIC_PATTERN = ConfigOption.string(
                    "topicPattern",
                    "In place of topic: a regular expression; all topics whose whole name it matches fire the hook,"
                            + " also those that are made later.")
            .where(KafkaOptions::isPattern, "must be a regular expression, such as orders-.*");
    static final ConfigOption<String> GROUP = ConfigOption.string(
                    "consumer group",
                    "The consumer group under which the brokers remember what was read. Unless given, <user>.<uuid of"
                            + " the task> with a platform, and cds-hooks-<uuid of the task> without. Tasks of one group"
                            + " share the messages.")
            .where(text -> text.length() <= 249, "must have at most 249 characters");
    static final ConfigOption<String> START = ConfigOption.string(
                    "start",
                    "Where a group without offsets begins: latest (what comes from now on), earliest (all that is"
                            + " there), or a point in time such as 2027-03-01T08:00:00Z.")
            .withDefault(Start.LATEST)
            .where(text -> Start.isValid(text), "must be latest, earliest or a time such as 2027-03-01T08:00:00Z");
    static final ConfigOption<String> USER = ConfigOption.string("user", "The user to log in as (SASL).")
            .where(KafkaOptions::isOneLine, "must be one line");
    static final ConfigOption<Secret> PASSWORD = ConfigOption.secret("password", "The password of user.")
            .where(secret -> isOneLine(secret.reveal()), "must be one line");
    static final ConfigOption<String> MECHANISM = ConfigOption.choice(
                    "saslMechanism", "How user and password are checked.", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
            .withDefault("PLAIN");
    static final ConfigOption<Boolean> TLS = ConfigOption.bool(
            "tls", "Whether connections are encrypted; false unless given, and true for the settings of a platform.");
    static final ConfigOption<String> TLS_CA = ConfigOption.string(
            "tlsCa",
            "With tls, the certificates to trust, as PEM text (-----BEGIN CERTIFICATE-----…); those of Java unless"
                    + " given.");
    static final ConfigOption<String> TLS_CERT = ConfigOption.string(
            "tlsCert", "With tls, the certificate to show to the brokers, as PEM text with its chain.");
    static final ConfigOption<Secret> TLS_KEY =
            ConfigOption.secret("tlsKey", "The private key of tlsCert, as PEM text (PKCS #8, not encrypted).");
    static final ConfigOption<Integer> MAX_MESSAGE = BrokerMessages.MAX_MESSAGE;
    static final ConfigOption<String> NUMBERS = BrokerMessages.NUMBERS;

    static final ConfigDef ALL = ConfigDef.of(
            BROKERS_OPTION,
            PLATFORM,
            TOPIC,
            TOPIC_PATTERN,
            GROUP,
            START,
            USER,
            PASSWORD,
            MECHANISM,
            TLS,
            TLS_CA,
            TLS_CERT,
            TLS_KEY,
            MAX_MESSAGE,
            NUMBERS);

    private KafkaOptions() {}

    /** Returns what no option tells alone. */
    static List<ConfigProblem> problems(HookConfig config) {
        List<ConfigProblem> problems = new ArrayList<>();
        boolean hasPlatform = written(config, PLATFORM).isPresent();
        boolean hasBrokers = written(config, BROKERS_OPTION).isPresent();
        if (!hasBrokers && !hasPlatform) {
            problems.add(new ConfigProblem(
                    BROKERS_OPTION.name(), "is required: host:port of a broker, or give the platform that has it"));
        } else if (hasBrokers && hasPlatform) {
            problems.add(new ConfigProblem("", "only one of brokers and platform can be given"));
        }
        if (hasPlatform && config.extras().getOrDefault(PROJECT, "").isBlank()) {
            problems.add(new ConfigProblem(PROJECT, "is required with platform: the key of the project that has it"));
        }
        if (hasPlatform && written(config, USER).isPresent()) {
            problems.add(new ConfigProblem(USER.name(), "can't be given with platform, which has a user"));
        }
        boolean hasTopic = written(config, TOPIC).isPresent();
        boolean hasPattern = written(config, TOPIC_PATTERN).isPresent();
        if (!hasTopic && !hasPattern) {
            problems.add(new ConfigProblem(TOPIC.name(), "is required: the name of a topic, or give topicPattern"));
        } else if (hasTopic && hasPattern) {
            problems.add(new ConfigProblem("", "only one of topic and topicPattern can be given"));
        }
        checkLogin(config, hasPlatform, problems);
        problems.addAll(ClientProperties.problems(config.extras()));
        return List.copyOf(problems);
    }

    private static void checkLogin(HookConfig config, boolean hasPlatform, List<ConfigProblem> problems) {
        boolean hasUser = written(config, USER).isPresent();
        boolean hasPassword = written(config.find(PASSWORD)).isPresent();
        if (hasUser != hasPassword) {
            problems.add(new ConfigProblem(
                    hasUser ? PASSWORD.name() : USER.name(), "is missing: give user and password, or none of them"));
        }
        boolean hasCert = written(config, TLS_CERT).isPresent();
        boolean hasKey = written(config.find(TLS_KEY)).isPresent();
        if (hasCert != hasKey) {
            problems.add(new ConfigProblem(
                    hasCert ? TLS_KEY.name() : TLS_CERT.name(),
                    "is missing: give tlsCert and tlsKey, or none of them"));
        }
        boolean hasTls = config.find(TLS).orElse(hasPlatform);
        if (!hasTls && (hasCert || hasKey || written(config, TLS_CA).isPresent())) {
            problems.add(new ConfigProblem(TLS.name(), "must be true for tlsCa, tlsCert and tlsKey to be used"));
        }
    }

    /** Forms send fields that were left blank as empty texts. */
    static Optional<String> written(HookConfig config, ConfigOption<String> option) {
        return config.find(option).map(String::strip).filter(text -> !text.isEmpty());
    }

    static Optional<String> written(Optional<Secret> secret) {
        return secret.map(Secret::reveal).filter(text -> !text.isBlank());
    }

    /**
     * Returns the consumer group. With a platform it is that of CDS's own service, {@code <user>.<uuid>}, so that ACLs of the
     * brokers fit; it follows the user of the platform, unless the task gives a group of another form.
     */
    static String groupOf(Task task, Connection connection) {
        Optional<String> given = written(task.config(), GROUP);
        if (written(task.config(), PLATFORM).isPresent()
                && given.filter(group -> !group.endsWith("." + task.id())).isEmpty()) {
            return connection.login().map(Connection.Login::user).orElse("") + "." + task.id();
        }
        return given.orElseGet(() -> ownGroup(task));
    }

    /** Returns the groups that the task may have read under before, newest first: their offsets are where it goes on. */
    static List<String> formerGroups(Task task, Connection connection) {
        if (written(task.config(), PLATFORM).isEmpty()) {
            return List.of();
        }
        String group = groupOf(task, connection);
        return Stream.concat(written(task.config(), GROUP).stream(), Stream.of(ownGroup(task)))
                .filter(former ->
                        !former.equals(group) && (former.endsWith("." + task.id()) || former.equals(ownGroup(task))))
                .distinct()
                .toList();
    }

    private static String ownGroup(Task task) {
        return "cds-hooks-" + task.id();
    }

    static Numbers numbers(HookConfig config) {
        return Numbers.of(config.get(NUMBERS));
    }

    private static boolean isPattern(String text) {
        try {
            Pattern.compile(text);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private static boolean isOneLine(String text) {
        return text.chars().noneMatch(Character::isISOControl);
    }

    /** Where a group without offsets begins. */
    sealed interface Start {
        String LATEST = "latest";
        String EARLIEST = "earliest";

        /** With what comes from now on. */
        record Latest() implements Start {}

        /** With all that is there. */
        record Earliest() implements Start {}

        /** With what came at that time or later. */
        record At(Instant time) implements Start {}

        static Start of(HookConfig config) {
            String text = config.get(START).strip();
            return switch (text) {
                case LATEST -> new Latest();
                case EARLIEST -> new Earliest();
                default -> new At(Instant.parse(text));
            };
        }

        static boolean isValid(String text) {
            try {
                return text.strip().equals(LATEST)
                        || text.strip().equals(EARLIEST)
                        || !Instant.parse(text.strip()).isBefore(Instant.EPOCH);
            } catch (DateTimeParseException e) {
                return false;
            }
        }
    }
}
