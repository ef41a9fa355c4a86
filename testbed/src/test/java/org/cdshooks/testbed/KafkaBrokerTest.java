package org.cdshooks.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KafkaBrokerTest {

    @Test
    void keepsItsMessagesOverARestartOnTheSamePorts() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start()) {
            broker.createTopic("letters", 1);
            broker.send("letters", 3, i -> "letter " + i);
            String address = broker.address();

            broker.stop();
            broker.restart();

            assertThat(broker.address()).isEqualTo(address);
            try (var admin = broker.admin()) {
                assertThat(admin.listTopics().names().get()).isEqualTo(Set.of("letters"));
                TopicPartition only = new TopicPartition("letters", 0);
                ListOffsetsResult ends = admin.listOffsets(Map.of(only, OffsetSpec.latest()));
                assertThat(ends.partitionResult(only).get().offset()).isEqualTo(3);
            }
        }
    }
}
