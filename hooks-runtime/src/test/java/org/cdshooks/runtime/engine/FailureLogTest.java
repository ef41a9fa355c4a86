package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
final class FailureLogTest {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(FailureLog.class);

    private final FakeType web = FakeType.http("Web");
    private final World world = new World(web);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        LOGGER.addAppender(log);
    }

    @AfterEach
    void close() {
        LOGGER.detachAppender(log);
        world.close();
    }

    private List<String> warnings(String with) {
        return log.list.stream()
                .filter(line -> line.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains(with))
                .toList();
    }

    private String trace(String with) {
        return log.list.stream()
                .filter(line -> line.getFormattedMessage().contains(with))
                .map(line -> line.getThrowableProxy()
                        .getStackTraceElementProxyArray()[0]
                        .toString())
                .findFirst()
                .orElse("no such line");
    }

    @Test
    void aFailedExecutionIsToldWithItsTaskReasonTargetAndTheWayToRunItAgain() {
        world.sink.answer = delivery -> DeliveryResult.rejected("the target answered 400");
        world.put("Web", "retryError", "1");
        world.send("x");
        world.run();

        Execution failed = world.only();
        assertThat(warnings("is FAILED"))
                .containsExactly("Execution " + failed.key().timestamp() + " of task " + World.TASK
                        + " is FAILED, target fake: the target answered 400 (run it again with POST /task/"
                        + World.TASK + "/execution/" + failed.key().timestamp() + "/replay)");
    }

    @Test
    void anExecutionThatEndsWellIsNotTold() {
        world.put("Web");
        world.send("x");
        world.run();

        assertThat(log.list).isEmpty();
    }

    @Test
    void whereAnExecuteThrewIsTold() {
        web.execute = (execution, context) -> {
            throw new IllegalStateException("no such colour");
        };
        world.put("Web");
        world.send("x");
        world.run();

        assertThat(warnings("execute failed")).hasSize(1).first().asString().contains("no such colour");
        assertThat(trace("execute failed")).contains("FailureLogTest");
    }

    @Test
    void whereACreateThrewIsTold() {
        world.put("Web");
        world.restart();
        web.onCreate = () -> {
            throw new IllegalStateException("no colour left");
        };
        world.accept("Web", "x");
        world.run();

        assertThat(warnings("create failed")).hasSize(1).first().asString().contains("no colour left");
        assertThat(trace("create failed")).contains("FailureLogTest");
    }

    @Test
    void whereTheCreateOfANewTaskThrewIsTold() {
        web.onCreate = () -> {
            throw new IllegalArgumentException("no colour at all");
        };
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> world.put("Web"))
                .hasMessageContaining("no colour");

        assertThat(warnings("create failed")).hasSize(1);
        assertThat(trace("create failed")).contains("FailureLogTest");
    }

    @Test
    void aTaskThatFailsAllTheTimeDoesNotFillTheLogAndTheRestIsCounted() {
        web.execute = (execution, context) -> ExecutionResult.rejected("no JSON");
        world.put("Web");
        for (int i = 0; i < 20; i++) {
            world.send("x" + i);
        }
        world.run();
        assertThat(warnings("is FAILED")).hasSize(FailureLog.MOST);

        world.clock.advance(FailureLog.WINDOW);
        world.send("later");
        world.run();

        assertThat(warnings("is FAILED")).hasSize(FailureLog.MOST + 1);
        assertThat(warnings("is FAILED").getLast()).endsWith("; 15 more failures of this task were not logged");
    }

    @Test
    void anotherTaskHasABudgetOfItsOwn() {
        FailureLog failures = new FailureLog(world.clock::ticks);
        for (int i = 0; i <= FailureLog.MOST; i++) {
            failures.executionFailed(new ExecutionKey("Web", World.TASK, 1), "log", "first");
        }
        failures.executionFailed(new ExecutionKey("Web", new TaskId("a/b"), 1), "log", "second");

        assertThat(warnings("first")).hasSize(FailureLog.MOST);
        assertThat(warnings("second")).hasSize(1).first().asString().contains("POST /task/a%2Fb/execution/1/replay");
    }
}
