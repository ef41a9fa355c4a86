package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.cdshooks.runtime.plugin.RetiredOptions;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A plugin was upgraded, and its hook type has an option less than when tasks were stored. */
@Timeout(60)
final class RetiredOptionsTest {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(RetiredOptions.class);

    private final TurnedClock clock = new TurnedClock();
    private final TaskStore store = LocalStores.memory(clock);
    private final FakeSink sink = new FakeSink("fake");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Engine engine;

    @BeforeEach
    void listen() {
        log.start();
        LOGGER.addAppender(log);
        engine = engine(Map.of());
        engine.tasks().put(World.TASK, "Web", World.values("sink", "fake", "flavour", "mint", "team", "blue"));
        engine.stop(Duration.ofSeconds(1));
    }

    @AfterEach
    void close() {
        LOGGER.detachAppender(log);
        engine.stop(Duration.ofSeconds(1));
        store.close();
    }

    private Engine engine(Map<String, Set<String>> earlier) {
        Node node = new Node(
                NodeName.make(),
                store,
                EngineConfig.defaults(URI.create("http://hooks.test")),
                World.SHORT,
                clock,
                clock::ticks,
                new Tally());
        PluginRegistry plugins =
                PluginRegistry.of(List.of(FakeType.http("Web")), List.of(sink)).after(earlier);
        Engine made = new Engine(node, plugins, Map.of(), true);
        made.start();
        return made;
    }

    private List<String> warnings() {
        return engine.tasks().find(World.TASK).orElseThrow().warnings().stream()
                .map(warning -> warning.option() + " " + warning.message())
                .toList();
    }

    @Test
    void aTaskThatHasItIsToldInTheTaskAndOnceInTheLog() {
        engine = engine(Map.of("Web", Set.of("flavour", "colour", "key")));

        assertThat(warnings())
                .containsExactly(
                        "flavour was an option in an earlier version of the plugin of hook type 'Web' and is none"
                                + " any more: the value has no effect");
        warnings();
        assertThat(log.list)
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage())
                        .contains(
                                "Plugin 'host': hook type 'Web' has no option 'flavour' any more", World.TASK.value()));
    }

    @Test
    void aValueThatWasNeverAnOptionIsNoMistake() {
        engine = engine(Map.of("Web", Set.of("colour", "key")));

        assertThat(warnings()).isEmpty();
        assertThat(log.list).isEmpty();
    }

    @Test
    void anExecutionOfSuchATaskFindsItToo() throws Exception {
        engine = engine(Map.of("Web", Set.of("flavour")));
        engine.endpoints().find(World.TASK).orElseThrow().receive(World.call("x", Map.of()));

        assertThat(log.list).hasSize(1);
    }

    @Test
    void aNewTaskWithItIsToldInTheAnswerAlone() {
        engine = engine(Map.of("Web", Set.of("flavour")));

        TaskView view = engine.tasks().put(new TaskId("new"), "Web", World.values("sink", "fake", "flavour", "mint"));
        assertThat(view.warnings()).hasSize(1);
        assertThat(log.list).isEmpty();
    }
}
