package org.cdshooks.plugin.kafka;

import java.io.IOException;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.cdshooks.api.Task;

/** Says what the client has to say in words that name the option to mend. */
final class Words {
    private final Connection connection;
    private final String group;

    Words(Task task, Connection connection) {
        this.connection = connection;
        this.group = KafkaOptions.groupOf(task, connection);
    }

    private String brokers() {
        return "option brokers (" + connection.brokers() + ")";
    }

    /** Returns a failure of the listener. */
    IOException of(RuntimeException e) {
        return new IOException(text(e), e);
    }

    private String text(Throwable e) {
        return switch (e) {
            case SslAuthenticationException ssl ->
                brokers() + ": no encrypted connection could be made; look at the options tls and tlsCa: "
                        + deepest(ssl);
            case AuthenticationException refused ->
                "options user and password ("
                        + connection.login().map(Connection.Login::user).orElse("none")
                        + ", saslMechanism " + connection.mechanism() + "): the broker refuses them: "
                        + refused.getMessage();
            case TopicAuthorizationException denied ->
                "option topic: " + who() + " may not read " + denied.unauthorizedTopics()
                        + "; the brokers need an ACL that allows Read and Describe";
            case GroupAuthorizationException denied ->
                "option 'consumer group': " + who() + " may not use the group " + group
                        + "; the brokers need an ACL that allows Read";
            case InvalidTopicException invalid -> "option topic: the brokers refuse the name: " + invalid.getMessage();
            case ConfigException config
            when String.valueOf(config.getMessage()).contains("bootstrap") ->
                brokers() + ": none of these hosts is known here: " + config.getMessage();
            case TimeoutException late -> away(" (" + late.getMessage() + ")");
            case KafkaException wrapped when wrapped.getCause() != null -> text(wrapped.getCause());
            default -> brokers() + ": " + e.getClass().getSimpleName() + ": " + e.getMessage();
        };
    }

    /** Says that no broker can be reached. */
    String away(String more) {
        return brokers() + ": no broker answers" + more
                + "; is it running, can this machine reach it, and do tls and user fit its port?";
    }

    /** Says that there is no such topic. */
    String noTopic(String topic) {
        return "option topic: the brokers have no topic '" + topic + "'; make it, or correct the name";
    }

    private String who() {
        return connection.login().map(login -> "user " + login.user()).orElse("a client without user");
    }

    private static String deepest(Throwable e) {
        Throwable deepest = e;
        for (int depth = 0; depth < 20 && deepest.getCause() != null; depth++) {
            deepest = deepest.getCause();
        }
        return Optional.ofNullable(deepest.getMessage()).orElse(deepest.toString());
    }
}
