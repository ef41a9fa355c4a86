package org.cdshooks.plugin.rabbitmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;
import org.cdshooks.toolkit.BrokerMessages;

/** The options of a task, and what they mean together. Those of CDS keep their names. */
final class RabbitMqOptions {
    /** Where CDS says to which project a hook belongs. */
    static final String PROJECT = "project";

    static final int MAX_MAX_MESSAGE = BrokerMessages.MAX_MAX_MESSAGE;
    private static final int MAX_NAME = 255;
    private static final Pattern ADDRESS = Pattern.compile("(amqps?://)?[^\\s@/]+(/[^\\s@]*)?");

    static final ConfigOption<String> URI = ConfigOption.string(
                    "uri",
                    "Where the broker is: host, host:port or amqp://host:port/vhost, without user and password; amqps:// for"
                            + " TLS. Or give platform.")
            .where(
                    text -> text.isBlank() || ADDRESS.matcher(text.strip()).matches(),
                    "must be host:port or amqp://host:port/vhost, without user and password");
    static final ConfigOption<String> PLATFORM = ConfigOption.string(
            "platform", "In place of uri, user and password: the platform of the task's project in CDS that has them.");
    static final ConfigOption<String> USER = ConfigOption.string("user", "The user to log in as.");
    static final ConfigOption<Secret> PASSWORD = ConfigOption.secret("password", "The password of user.");
    static final ConfigOption<String> QUEUE = name("queue", "The queue whose messages fire the hook.");
    static final ConfigOption<String> QUEUE_TYPE = ConfigOption.choice(
                    "queue_type", "Of which type the queue is made if it is not there.", "classic", "quorum")
            .withDefault("classic");
    static final ConfigOption<String> EXCHANGE = name(
            "exchange_name",
            "The exchange to bind the queue to; made, durable, if it is not there. None is bound unless given.");
    static final ConfigOption<String> EXCHANGE_TYPE = name(
            "exchange_type", "Of which type the exchange is: direct, fanout, topic or headers; topic unless given.");
    static final ConfigOption<String> BINDING_KEY = name(
            "binding_key", "Which messages of the exchange go to the queue, such as builds.#; empty unless given.");
    static final ConfigOption<String> CONSUMER_TAG =
            name("consumer_tag", "How the consumer is called in the broker's lists; made by the broker unless given.");
    static final ConfigOption<Integer> PREFETCH = ConfigOption.integer(
                    "prefetch", "How many messages a node may have at a time that it has not acknowledged.")
            .withDefault(500)
            .where(count -> count >= 1 && count <= 5_000, "must be 1 to 5000");
    static final ConfigOption<String> TLS_CA = ConfigOption.string(
            "tlsCa",
            "With amqps, the certificates to trust, as PEM text (-----BEGIN CERTIFICATE-----…); those of Java unless given.");
    static final ConfigOption<Boolean> DEDUP = ConfigOption.bool(
                    "dedup",
                    "Whether a message that has the message id of an earlier one is that one again, and makes no second"
                            + " execution.")
            .withDefault(true);
    static final ConfigOption<Integer> MAX_MESSAGE = BrokerMessages.MAX_MESSAGE;
    static final ConfigOption<String> NUMBERS = BrokerMessages.NUMBERS;

    static final ConfigDef ALL = ConfigDef.of(
            URI,
            PLATFORM,
            USER,
            PASSWORD,
            QUEUE,
            QUEUE_TYPE,
            EXCHANGE,
            EXCHANGE_TYPE,
            BINDING_KEY,
            CONSUMER_TAG,
            PREFETCH,
            TLS_CA,
            DEDUP,
            MAX_MESSAGE,
            NUMBERS);

    private RabbitMqOptions() {}

    private static ConfigOption<String> name(String name, String description) {
        return ConfigOption.string(name, description)
                .where(text -> text.length() <= MAX_NAME, "must have at most " + MAX_NAME + " characters");
    }

    /** Returns what no option tells alone. */
    static List<ConfigProblem> problems(HookConfig config) {
        List<ConfigProblem> problems = new ArrayList<>();
        boolean hasUri = written(config, URI).isPresent();
        boolean hasPlatform = written(config, PLATFORM).isPresent();
        if (!hasUri && !hasPlatform) {
            problems.add(new ConfigProblem(
                    URI.name(), "is required: host:port of the broker, or give the platform that has it"));
        } else if (hasUri && hasPlatform) {
            problems.add(new ConfigProblem("", "only one of uri and platform can be given"));
        }
        if (hasPlatform && config.extras().getOrDefault(PROJECT, "").isBlank()) {
            problems.add(new ConfigProblem(PROJECT, "is required with platform: the key of the project that has it"));
        }
        boolean hasUser = written(config, USER).isPresent();
        if (hasPlatform && hasUser) {
            problems.add(new ConfigProblem(USER.name(), "can't be given with platform, which has a user"));
        }
        boolean hasPassword = config.find(PASSWORD)
                .map(Secret::reveal)
                .filter(text -> !text.isBlank())
                .isPresent();
        if (hasUser != hasPassword) {
            problems.add(new ConfigProblem(
                    hasUser ? PASSWORD.name() : USER.name(), "is missing: give user and password, or none of them"));
        }
        if (written(config, QUEUE).isEmpty()) {
            problems.add(new ConfigProblem(QUEUE.name(), "is required: the name of a queue"));
        }
        return List.copyOf(problems);
    }

    /** Forms send fields that were left blank as empty texts. */
    static Optional<String> written(HookConfig config, ConfigOption<String> option) {
        return config.find(option).map(String::strip).filter(text -> !text.isEmpty());
    }
}
