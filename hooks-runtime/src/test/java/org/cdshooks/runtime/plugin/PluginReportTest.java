package org.cdshooks.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.HookType;
import org.junit.jupiter.api.Test;

final class PluginReportTest {
    @Test
    void rendersAnAlignedTable() {
        PluginReport report = new PluginReport(List.of(
                new PluginReport.Line(
                        "first", "1.0", "/p/first", List.of("A", "LongName"), List.of(), List.of(), List.of()),
                new PluginReport.Line(
                        "half",
                        "",
                        "/p/half.jar",
                        List.of("B"),
                        List.of("s"),
                        List.of("one thing", "another"),
                        List.of("odd")),
                new PluginReport.Line("none", "2", "/p/none", List.of(), List.of(), List.of("all of it"), List.of())));

        assertThat(report.render()).isEqualTo("""
                PLUGIN  VERSION  HOOK TYPES   SINKS  STATE         PROBLEM
                first   1.0      A, LongName  -      ready
                half    -        B            s      partly ready  one thing
                                                                   another
                                                                   warning: odd
                none    2        -            -      failed        all of it
                """);
    }

    @Test
    void saysThatThereIsNone() {
        assertThat(new PluginReport(List.of()).render()).isEqualTo("no plugins\n");
    }

    /** A default method that is added to the API would otherwise answer for the plugin. */
    @Test
    void wrappersPassOnEveryMethod() {
        assertPassesOn(HookType.class, Described.Type.class);
        assertPassesOn(EventSink.class, Described.Sink.class);
    }

    private static void assertPassesOn(Class<?> contract, Class<?> wrapper) {
        assertThat(Arrays.stream(contract.getMethods()).map(PluginReportTest::signature))
                .isSubsetOf(Arrays.stream(wrapper.getDeclaredMethods())
                        .map(PluginReportTest::signature)
                        .toList());
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }
}
