package org.cdshooks.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.cdshooks.runtime.plugin.Plugins.NODE;
import static org.cdshooks.runtime.plugin.Plugins.line;
import static org.cdshooks.runtime.plugin.Plugins.loaderOf;

import java.io.IOException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.cdshooks.api.DeliveryResult;
import org.cdshooks.api.EventSink;
import org.cdshooks.api.Hook;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.HookType;
import org.cdshooks.api.HookTypeDescriptor;
import org.cdshooks.api.NodeContext;
import org.cdshooks.api.SinkDescriptor;
import org.cdshooks.api.Task;
import org.cdshooks.api.config.ConfigDef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starting, stopping, and leaving nothing behind. */
@Timeout(60)
final class PluginLifecycleTest {
    @TempDir
    Path plugins;

    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    @Test
    void startsSinksThenTypesAndStopsInReverseOrder() {
        PluginRegistry registry = PluginRegistry.of(List.of(new Type("A"), new Type("B")), List.of(new Sink("s")));

        PluginRegistry started = registry.startAll(NODE);
        started.stopAll();

        assertThat(calls).containsExactly("start s", "start A", "start B", "stop B", "stop A", "stop s");
        assertThat(started.hookTypes()).extracting(Loaded::name).containsExactly("A", "B");
        assertThat(started.sinks()).extracting(Loaded::name).containsExactly("s");
    }

    @Test
    void leavesOutWhatDoesNotStartAndStartsTheRest() {
        PluginRegistry registry = PluginRegistry.of(
                List.of(new Type("A"), new Type("Bad", true, false), new Type("C")), List.of(new Sink("s")));

        PluginRegistry started = registry.startAll(NODE);
        started.stopAll();

        assertThat(started.hookType("Bad")).isEmpty();
        assertThat(started.hookTypes()).extracting(Loaded::name).containsExactly("A", "C");
        assertThat(started.report().plugins())
                .singleElement()
                .satisfies(line -> assertThat(line.problems())
                        .containsExactly("hook type 'Bad' did not start: IllegalStateException: no start of Bad"));
        assertThat(calls).containsExactly("start s", "start A", "start Bad", "start C", "stop C", "stop A", "stop s");
    }

    @Test
    void goesOnStoppingWhenOneStopFailsAndKeepsEachFailure() {
        Lifecycle lifecycle = new Lifecycle(List.of(), PluginLoader.PATIENCE);
        PluginRegistry registry = PluginRegistry.of(
                List.of(new Type("A", false, true), new Type("B"), new Type("C", false, true)), List.of());
        lifecycle.start(registry.hookTypes(), registry.sinks(), registry.report(), NODE);

        List<String> failures = lifecycle.stop();

        assertThat(calls).endsWith("stop C", "stop B", "stop A");
        assertThat(failures)
                .containsExactly(
                        "hook type 'C' did not stop properly: IllegalStateException: no stop of C",
                        "hook type 'A' did not stop properly: IllegalStateException: no stop of A");
    }

    @Test
    void stopsOnceWhicheverRegistryIsAsked() {
        PluginRegistry registry = PluginRegistry.of(List.of(new Type("A")), List.of());
        PluginRegistry started = registry.startAll(NODE);

        registry.stopAll();
        started.stopAll();

        assertThat(calls).containsExactly("start A", "stop A");
        assertThatThrownBy(() -> registry.startAll(NODE)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void doesNotStopWhatWasNeverStarted() {
        PluginRegistry.of(List.of(new Type("A")), List.of()).stopAll();

        assertThat(calls).isEmpty();
    }

    @Test
    void movesAFailedTypeOfAPluginToItsProblems() {
        PluginJar.named("p.jar")
                .metadata("p", "1")
                .hookType("p.Bad", "Bad", """
                        public void start(NodeContext node) throws Exception { throw new Exception("no broker"); }
                        """)
                .hookType("p.Good", "Good", "")
                .sink("p.Sink", "bad-sink", """
                        public void start(NodeContext node) { throw new NoSuchMethodError("'void x.Y.z()'"); }
                        """)
                .in(plugins);
        PluginRegistry started = PluginLoader.load(plugins).startAll(NODE);
        started.stopAll();

        assertThat(line(started, "p").hookTypes()).containsExactly("Good");
        assertThat(line(started, "p").sinks()).isEmpty();
        assertThat(line(started, "p").problems())
                .containsExactly(
                        "sink 'bad-sink' did not start: built against another version of a library it uses: 'void"
                                + " x.Y.z()'",
                        "hook type 'Bad' did not start: Exception: no broker");
        assertThat(line(started, "p").state()).isEqualTo(PluginReport.State.PARTLY);
    }

    @Test
    void doesNotWaitForeverForAStartOrAStop() {
        String hangs = "new java.util.concurrent.CountDownLatch(1).await();";
        PluginJar.named("p.jar")
                .metadata("p", "1")
                .hookType("p.A", "A", "public void start(NodeContext node) throws Exception { " + hangs + " }")
                .hookType("p.B", "B", "public void stop() throws Exception { " + hangs + " }")
                .in(plugins);

        PluginRegistry started =
                Plugins.loadWithLimit(plugins, Duration.ofSeconds(1)).startAll(NODE);
        started.stopAll();

        assertThat(line(started, "p").problems())
                .containsExactly("hook type 'A' did not start: it has not ended within 1 s");
        assertThat(started.hookType("B")).isPresent();
    }

    @Test
    void anInterruptLeavesNoTypeUnaccountedForAndIsNotLost() {
        PluginRegistry registry = PluginRegistry.of(List.of(new Type("A"), new Type("B")), List.of());

        Thread.currentThread().interrupt();
        PluginRegistry started = registry.startAll(NODE);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        started.stopAll();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(calls).containsExactly("start A", "start B", "stop B", "stop A");
    }

    @Test
    void leavesNoLoaderBehind() throws Exception {
        PluginJar.named("p.jar")
                .metadata("p", "1")
                .probe("p.P", "P", """
                        new ThreadLocal<Object>().set(this);
                        ResourceBundle.getBundle("p.texts");
                        org.slf4j.LoggerFactory.getLogger(getClass()).info("hello");
                        return new String(getClass().getResourceAsStream("P.class").readAllBytes(), 1, 3);
                        """)
                .entry("p/texts.properties", "a=b")
                .in(plugins);
        ReferenceQueue<ClassLoader> collected = new ReferenceQueue<>();

        WeakReference<ClassLoader> loader = useAndStop(collected);

        for (int i = 0; i < 100 && !loader.refersTo(null); i++) {
            System.gc();
            collected.remove(100);
        }
        assertThat(loader.refersTo(null)).as("the loader was collected").isTrue();
    }

    /** In a method and a thread of its own, so that no local variable holds what is to be collected. */
    private WeakReference<ClassLoader> useAndStop(ReferenceQueue<ClassLoader> queue) throws Exception {
        List<WeakReference<ClassLoader>> made = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            PluginRegistry registry = PluginLoader.load(plugins).startAll(NODE);
            try {
                Plugins.ask(registry, "P");
            } catch (Exception e) {
                failures.add(e);
            }
            made.add(new WeakReference<>(loaderOf(registry, "P"), queue));
            registry.stopAll();
        });
        thread.join();
        assertThat(failures).isEmpty();
        return made.getFirst();
    }

    @Test
    void leavesNoFileOpenAfterManyCycles() throws Exception {
        assumeThat(Path.of("/proc/self/fd")).exists();
        PluginJar.named("library.jar").entry("lib/text.txt", "x").in(plugins.resolve("p"));
        PluginJar.named("p.jar").metadata("p", "1").probe("p.P", "P", """
                        java.net.URL url = getClass().getClassLoader().getResource("lib/text.txt");
                        return new String(url.openStream().readAllBytes()); // not closed, on purpose
                        """).in(plugins.resolve("p"));
        PluginJar.named("refused.jar")
                .metadata("refused", "1")
                .manifest("Hooks-Api-Version", "9")
                .in(plugins);
        PluginJar.named("nothing.jar").metadata("nothing", "1").in(plugins);
        cycle();

        long openWhileLoaded;
        PluginRegistry loaded = PluginLoader.load(plugins);
        openWhileLoaded = openJars();
        loaded.stopAll();
        for (int i = 0; i < 100; i++) {
            cycle();
        }

        assertThat(openWhileLoaded).isEqualTo(2);
        assertThat(openJars()).isZero();
    }

    private void cycle() throws Exception {
        PluginRegistry registry = PluginLoader.load(plugins).startAll(NODE);
        assertThat(Plugins.ask(registry, "P")).isEqualTo("x");
        registry.stopAll();
    }

    private long openJars() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(this::isOurs).count();
        }
    }

    private boolean isOurs(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains(plugins.toString());
        } catch (IOException e) {
            return false; // closed in between
        }
    }

    private final class Type implements HookType {
        private final String name;
        private final boolean failsToStart;
        private final boolean failsToStop;

        Type(String name) {
            this(name, false, false);
        }

        Type(String name, boolean failsToStart, boolean failsToStop) {
            this.name = name;
            this.failsToStart = failsToStart;
            this.failsToStop = failsToStop;
        }

        @Override
        public HookTypeDescriptor descriptor() {
            return HookTypeDescriptor.of(name, "Notes its calls.", ConfigDef.of());
        }

        @Override
        public void start(NodeContext node) {
            calls.add("start " + name);
            if (failsToStart) {
                throw new IllegalStateException("no start of " + name);
            }
        }

        @Override
        public Hook create(Task task, HookContext context) {
            throw new IllegalStateException("makes no hooks");
        }

        @Override
        public void stop() {
            calls.add("stop " + name);
            if (failsToStop) {
                throw new IllegalStateException("no stop of " + name);
            }
        }
    }

    private final class Sink implements EventSink {
        private final String name;

        Sink(String name) {
            this.name = name;
        }

        @Override
        public SinkDescriptor descriptor() {
            return SinkDescriptor.of(name, "Notes its calls.", ConfigDef.of());
        }

        @Override
        public void start(NodeContext node) {
            calls.add("start " + name);
        }

        @Override
        public DeliveryResult deliver(Delivery delivery) {
            return DeliveryResult.delivered("");
        }

        @Override
        public void stop() {
            calls.add("stop " + name);
        }
    }
}
