package org.cdshooks.runtime.store.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Optional;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.DeliveryHash;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.task.TaskJson;
import org.cdshooks.runtime.task.TaskRecord;
import org.junit.jupiter.api.Test;

class IndexTest {
    private static final TaskId A = new TaskId("a");
    private static final AcceptTerms WEEK = AcceptTerms.ANY.dedup("push", Duration.ofDays(7));
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final TurnedClock clock = new TurnedClock();
    private final ReferenceQueue<TaskEntry> collected = new ReferenceQueue<>();
    private final Transitions transitions =
            Transitions.load(new MemoryBacking(), clock, () -> Time.nanos(clock.instant()));

    private void put(TaskRecord task, Optional<NewRun> timer) {
        transitions.replaceTask(Optional.empty(), task, TaskJson.encode(task), Optional.empty(), timer);
    }

    private void accept(long timestamp, AcceptTerms terms) {
        transitions.accept(
                NewRun.of(execution("a", timestamp, "x")), terms.dedupKey().map(DeliveryHash::of), terms);
    }

    private WeakReference<TaskEntry> entry() {
        return new WeakReference<>(transitions.entry(A).orElseThrow(), collected);
    }

    private void expectGone(WeakReference<TaskEntry> removed) throws InterruptedException {
        System.gc();
        assertThat(collected.remove(10_000))
                .as("the removed task, which nothing holds")
                .isSameAs(removed);
    }

    @Test
    void nothingHoldsARemovedTaskWhoseDeliveriesWereRemembered() throws InterruptedException {
        put(task("a"), Optional.of(NewRun.of(timer("a", clock.instant().plusSeconds(60)))));
        accept(1, WEEK);
        WeakReference<TaskEntry> entry = entry();

        transitions.removeTask(A);

        expectGone(entry);
    }

    @Test
    void nothingHoldsARemovedTaskWithExecutionsInEachPlace() throws InterruptedException {
        put(task("a"), Optional.of(NewRun.of(timer("a", clock.instant().plusSeconds(60)))));
        for (int i = 1; i <= 5; i++) {
            accept(i, AcceptTerms.ANY);
        }
        assertThat(transitions.claim(1, 1, LEASE).result().claimed()).hasSize(1);
        assertThat(transitions.claim(1, 1, LEASE).result().claimed())
                .as("the task has as many leases as it may have")
                .isEmpty();
        WeakReference<TaskEntry> entry = entry();

        transitions.removeTask(A);

        expectGone(entry);
    }

    @Test
    void nothingHoldsARemovedTaskThatWaitedInTheReadyQueueDuringMaintenance() throws InterruptedException {
        put(task("a"), Optional.empty());
        transitions.setMaintenance(true);
        accept(1, AcceptTerms.ANY);
        WeakReference<TaskEntry> entry = entry();

        transitions.removeTask(A);

        expectGone(entry);
    }

    @Test
    void nothingHoldsARemovedTaskThatWasPaused() throws InterruptedException {
        put(task("a"), Optional.empty());
        accept(1, AcceptTerms.ANY);
        transitions.pause(A, Time.nanos(clock.instant().plusSeconds(60)));
        WeakReference<TaskEntry> entry = entry();

        transitions.removeTask(A);

        expectGone(entry);
    }
}
