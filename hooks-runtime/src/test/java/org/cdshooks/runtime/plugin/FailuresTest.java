package org.cdshooks.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.plugin.Failures.explain;

import java.lang.reflect.InvocationTargetException;
import java.util.ServiceConfigurationError;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class FailuresTest {
    @Test
    void tellsTypeAndMessage() {
        assertThat(explain(new IllegalStateException("no token"))).isEqualTo("IllegalStateException: no token");
        assertThat(explain(new IllegalStateException())).isEqualTo("IllegalStateException");
        assertThat(explain(null)).isEqualTo("unknown failure");
    }

    @Test
    void tellsCausesThatSaySomethingNew() {
        Exception disk = new java.io.IOException("disk is full");

        assertThat(explain(new IllegalStateException("can't write", disk)))
                .isEqualTo("IllegalStateException: can't write, caused by IOException: disk is full");
        assertThat(explain(new IllegalStateException(disk)))
                .isEqualTo("IllegalStateException: java.io.IOException: disk is full");
    }

    @Test
    void looksThroughWrappers() {
        Exception real = new IllegalArgumentException("port");

        assertThat(explain(new ExecutionException(new InvocationTargetException(real))))
                .isEqualTo("IllegalArgumentException: port");
        assertThat(explain(new ExceptionInInitializerError(real)))
                .isEqualTo("a static initialiser failed: IllegalArgumentException: port");
        assertThat(explain(new ServiceConfigurationError("x.Service: y.Z not found")))
                .isEqualTo("x.Service: y.Z not found");
    }

    @Test
    void explainsLinkage() {
        assertThat(explain(new NoClassDefFoundError("a/b/C$D")))
                .isEqualTo("class a.b.C$D is missing; put the jar that has it beside the plugin's own");
        assertThat(explain(new NoClassDefFoundError("Could not initialize class a.B")))
                .isEqualTo("class a.B could not be initialised");
        assertThat(explain(new NoClassDefFoundError("b/A (wrong name: a/A)")))
                .isEqualTo("the file of class a.A lies where class b.A should be");
        assertThat(explain(new NoSuchMethodError("'void org.cdshooks.api.Hook.jump()'")))
                .isEqualTo("built against another version of the API: 'void org.cdshooks.api.Hook.jump()'");
        assertThat(explain(new AbstractMethodError("Receiver class x.Y does not define it")))
                .startsWith("built against another version of a library it uses: ");
        assertThat(explain(new NoSuchFieldError("x"))).startsWith("built against another version");
        assertThat(explain(new UnsupportedClassVersionError(
                        "Preview features are not enabled for a/B (class file version 69.65535)")))
                .isEqualTo("its class files don't fit this Java: Preview features are not enabled for a/B (class file"
                        + " version 69.65535)");
        assertThat(explain(new VerifyError("Bad type\nin method")))
                .isEqualTo("a class file is broken: Bad type in method");
        assertThat(explain(new StackOverflowError())).isEqualTo("it calls itself without end (stack overflow)");
    }

    @Test
    void isOneLineOfBoundedLength() {
        String line = explain(new IllegalStateException("a\r\n\tb\u0000c " + "x".repeat(5000)));

        assertThat(line)
                .startsWith("IllegalStateException: a b c xxx")
                .hasSize(601)
                .endsWith("…");
    }

    @Test
    void survivesFailuresThatFail() {
        Exception hostile = new Exception() {
            @Override
            public String getMessage() {
                throw new IllegalStateException("gotcha");
            }

            @Override
            public synchronized @Nullable Throwable getCause() {
                throw new NoClassDefFoundError("gotcha");
            }
        };
        Exception circle = new Exception("outer");
        Exception inner = new Exception("inner", circle);
        circle.initCause(inner);

        assertThat(explain(hostile)).startsWith("FailuresTest$");
        assertThat(explain(circle)).startsWith("Exception: outer, caused by Exception: inner, caused by");
    }
}
