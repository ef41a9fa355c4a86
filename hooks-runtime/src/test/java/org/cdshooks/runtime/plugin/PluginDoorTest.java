package org.cdshooks.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

@Timeout(20)
final class PluginDoorTest {
    private final ClassLoader loader = new URLClassLoader(new URL[0]);
    private final PluginDoor door = new PluginDoor("p", loader);

    @AfterEach
    void clear() {
        MDC.clear();
    }

    @Test
    void setsTheContextLoaderWhileItLastsAndRestoresIt() throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();

        ClassLoader inside = door.call(() -> {
            ClassLoader seen = thread.getContextClassLoader();
            thread.setContextClassLoader(null);
            return seen;
        });

        assertThat(inside).isSameAs(loader);
        assertThat(thread.getContextClassLoader()).isSameAs(before);
        assertThatThrownBy(() -> door.call(() -> {
                    throw new IllegalStateException("x");
                }))
                .isInstanceOf(PluginFailure.class);
        assertThat(thread.getContextClassLoader()).isSameAs(before);
    }

    @Test
    void namesThePluginInTheLogContextAndRestoresItWhateverThePluginDid() throws Exception {
        MDC.put("task", "t1");

        Map<String, String> inside = door.call(() -> {
            Map<String, String> seen = MDC.getCopyOfContextMap();
            MDC.put("task", "overwritten");
            MDC.put("more", "left behind");
            return seen;
        });

        assertThat(inside).containsOnly(Map.entry("task", "t1"), Map.entry("plugin", "p"));
        assertThat(MDC.getCopyOfContextMap()).containsOnly(Map.entry("task", "t1"));
    }

    @Test
    void opensInsideAnotherDoor() throws Exception {
        PluginDoor other = new PluginDoor("q", new URLClassLoader(new URL[0]));

        String seen = door.call(() -> other.call(() -> MDC.get("plugin")) + MDC.get("plugin"));

        assertThat(seen).isEqualTo("qp");
        assertThat(MDC.get("plugin")).isNull();
    }

    @Test
    void tellsWhateverIsThrownAsThePluginsFailure() {
        for (Throwable thrown : new Throwable[] {
            new Exception("x"),
            new IllegalStateException("x"),
            new NoClassDefFoundError("a/B"),
            new StackOverflowError(),
            new AssertionError("x"),
            new ServiceConfigurationError("x"),
            new Throwable("x")
        }) {
            PluginFailure failure = catchThrowableOfType(PluginFailure.class, () -> door.call(() -> sneak(thrown)));

            assertThat(failure).isNotNull();
            assertThat(failure.getCause()).isSameAs(thrown);
            assertThat(failure).hasMessage("plugin 'p': " + failure.reason());
        }
    }

    @Test
    void letsOutInterruptsAndWhatIsNotThePluginsFault() {
        assertThatThrownBy(() -> door.call(() -> sneak(new InterruptedException("stop"))))
                .isInstanceOf(InterruptedException.class);
        assertThatThrownBy(() -> door.call(() -> sneak(new OutOfMemoryError("pretended"))))
                .isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void givesALimitedCallAThreadOfItsOwn() throws Exception {
        Thread thread = door.callWithin(Duration.ofSeconds(10), Thread::currentThread);

        assertThat(thread.isVirtual()).isTrue();
        assertThat(thread).isNotSameAs(Thread.currentThread());
        assertThat(thread.getName()).isEqualTo("plugin-p");
    }

    @Test
    void interruptsACallThatIsTooLate() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);

        assertThatThrownBy(() -> door.callWithin(Duration.ofMillis(100), () -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return "late";
                }))
                .isInstanceOf(PluginFailure.class);

        interrupted.await(); // under the class's timeout
    }

    @Test
    void passesTheFailureOfALimitedCallOnce() {
        PluginFailure failure = catchThrowableOfType(
                PluginFailure.class,
                () -> door.callWithin(Duration.ofSeconds(10), () -> sneak(new IllegalStateException("x"))));

        assertThat(failure).hasMessage("plugin 'p': IllegalStateException: x");
    }

    private static String sneak(Throwable failure) {
        PluginDoorTest.<RuntimeException>sneakily(failure);
        return "never";
    }

    @SuppressWarnings("unchecked") // the point of it: a throwable that the compiler does not see
    private static <X extends Throwable> void sneakily(Throwable failure) throws X {
        throw (X) failure;
    }
}
