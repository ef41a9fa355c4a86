package org.cdshooks.runtime.store.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.store.Samples.execution;
import static org.cdshooks.runtime.store.Samples.task;
import static org.cdshooks.runtime.store.Samples.timer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.AcceptResult;
import org.cdshooks.runtime.store.AcceptTerms;
import org.cdshooks.runtime.store.Claim;
import org.cdshooks.runtime.store.Due;
import org.cdshooks.runtime.store.Ring;
import org.cdshooks.runtime.store.RingResult;
import org.cdshooks.runtime.store.Samples;
import org.cdshooks.runtime.store.Settlement;
import org.cdshooks.runtime.store.TaskCounts;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random transitions against a model that is too simple to be wrong. A failure names its seed. */
class RandomTransitionsTest {
    private static final Duration LEASE = Duration.ofSeconds(10);

    @TempDir
    Path temp;

    @Test
    void inMemory() throws IOException {
        for (long seed = 0; seed < 250; seed++) {
            TurnedClock clock = new TurnedClock();
            run(seed, new Run(seed, clock, LocalStores.memory(clock), Optional.empty()), 120);
        }
    }

    @Test
    void onDiskWithRestartsAndCrashes() throws IOException {
        for (long seed = 1000; seed < 1010; seed++) {
            TurnedClock clock = new TurnedClock();
            Path directory = temp.resolve("s" + seed);
            TaskStore store = LocalStores.open(directory, clock, LocalOptions.DEFAULT);
            run(seed, new Run(seed, clock, store, Optional.of(directory)), 80);
        }
    }

    private static void run(long seed, Run run, int steps) throws IOException {
        try {
            for (int i = 0; i < steps; i++) {
                run.step();
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + run.log, e);
        } finally {
            run.store.close();
        }
    }

    private static final class Model {
        final long timestamp;
        ExecutionStatus status;
        boolean timer;
        long until;
        long order;
        int crashes;

        Model(long timestamp, ExecutionStatus status) {
            this.timestamp = timestamp;
            this.status = status;
        }
    }

    private static final class Run {
        private static final List<String> NAMES = List.of("a", "b", "c");

        private final Random random;
        private final TurnedClock clock;
        private TaskStore store;
        private Optional<Path> directory;
        private int copies;

        private final Map<String, TreeMap<Long, Model>> tasks = new TreeMap<>();
        private final List<Claim> claims = new ArrayList<>();
        private final StringBuilder log = new StringBuilder();
        private long order;

        Run(long seed, TurnedClock clock, TaskStore store, Optional<Path> directory) {
            this.random = new Random(seed);
            this.clock = clock;
            this.store = store;
            this.directory = directory;
        }

        void step() throws IOException {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            int what = random.nextInt(directory.isPresent() ? 22 : 20);
            log.append(what).append(name).append(' ');
            switch (what) {
                case 0 -> put(name);
                case 1, 2, 3, 4, 5 -> accept(name);
                case 6, 7, 8 -> claim();
                case 9, 10, 11 -> settle();
                case 12 -> clock.turn(Duration.ofSeconds(random.nextInt(8)));
                case 13 -> ring();
                case 14 -> promote();
                case 15 -> recover();
                case 16 -> release();
                case 17 -> finishOrAgain(name);
                case 18 -> clean(name);
                case 19 -> remove(name);
                case 20 -> restart();
                case 21 -> crash();
                default -> throw new IllegalStateException();
            }
            check();
        }

        private void put(String name) {
            Optional<Due> timer = random.nextBoolean()
                    ? Optional.of(timer(name, clock.instant().plusSeconds(1 + random.nextInt(9))))
                    : Optional.empty();
            store.putTask(task(name), timer);
            TreeMap<Long, Model> all = tasks.computeIfAbsent(name, key -> new TreeMap<>());
            all.values().removeIf(each -> each.timer);
            timer.ifPresent(due -> wait(all, due));
        }

        private void wait(NavigableMap<Long, Model> all, Due due) {
            Model model = fresh(all, due.execution().key().timestamp(), ExecutionStatus.SCHEDULED);
            model.timer = true;
            model.until = nanos(due);
        }

        private static long nanos(Due due) {
            return Samples.nanos(due.due());
        }

        private Model fresh(NavigableMap<Long, Model> all, long timestamp, ExecutionStatus status) {
            long free = timestamp;
            while (all.containsKey(free)) {
                free++;
            }
            Model model = new Model(free, status);
            model.order = ++order;
            all.put(free, model);
            return model;
        }

        private void accept(String name) {
            AcceptResult result = store.accept(execution(name, clock.nanos(), "x"), AcceptTerms.ANY);
            TreeMap<Long, Model> all = tasks.get(name);
            if (all == null) {
                assertThat(result).isInstanceOf(AcceptResult.NoSuchTask.class);
                return;
            }
            Model model = fresh(all, clock.nanos(), ExecutionStatus.ENQUEUED);
            assertThat(((AcceptResult.Stored) result).execution().key().timestamp())
                    .isEqualTo(model.timestamp);
        }

        private void claim() {
            int max = 1 + random.nextInt(4);
            int perTask = 1 + random.nextInt(3);
            List<Claim> got = store.claim(max, perTask, LEASE);
            int possible = tasks.values().stream()
                    .mapToInt(all -> Math.min(
                            count(all, ExecutionStatus.ENQUEUED),
                            Math.max(0, perTask - count(all, ExecutionStatus.DOING))))
                    .sum();
            assertThat(got).hasSize(Math.min(max, possible));
            for (Claim claim : got) {
                TreeMap<Long, Model> all =
                        Objects.requireNonNull(tasks.get(claim.key().task().value()));
                Model head = all.values().stream()
                        .filter(each -> each.status == ExecutionStatus.ENQUEUED)
                        .min(Comparator.comparingLong(each -> each.order))
                        .orElseThrow();
                assertThat(claim.key().timestamp()).as("head of the queue").isEqualTo(head.timestamp);
                assertThat(claim.crashes()).isEqualTo(head.crashes);
                head.status = ExecutionStatus.DOING;
                head.until = clock.nanos() + LEASE.toNanos();
                assertThat(count(all, ExecutionStatus.DOING)).isLessThanOrEqualTo(perTask);
                claims.add(claim);
            }
        }

        /** Claims that are lost stay in the list, so that late results are tried as well. */
        private Optional<Model> held(Claim claim) {
            return lost.contains(claim.token())
                    ? Optional.empty()
                    : Optional.ofNullable(tasks.get(claim.key().task().value()))
                            .map(all -> all.get(claim.key().timestamp()))
                            .filter(each -> each.status == ExecutionStatus.DOING);
        }

        private final Set<Long> lost = new HashSet<>();

        private void lose(String name, long timestamp) {
            claims.stream()
                    .filter(each ->
                            each.key().task().value().equals(name) && each.key().timestamp() == timestamp)
                    .forEach(each -> lost.add(each.token()));
        }

        private void settle() {
            if (claims.isEmpty()) {
                return;
            }
            Claim claim = claims.get(random.nextInt(claims.size()));
            Optional<Model> model = held(claim);
            int how = random.nextInt(3);
            long due = clock.nanos() + random.nextInt(9) * 1_000_000_000L;
            boolean taken = store.settle(
                    claim,
                    switch (how) {
                        case 0 -> Settlement.done(claim.execution());
                        case 1 -> new Settlement.Failed(claim.execution());
                        default -> new Settlement.Retry(claim.execution(), Time.instant(due));
                    });
            assertThat(taken).as("settle of " + claim.key() + " is taken").isEqualTo(model.isPresent());
            model.ifPresent(each -> {
                each.status = List.of(ExecutionStatus.DONE, ExecutionStatus.FAILED, ExecutionStatus.SCHEDULED)
                        .get(how);
                each.until = due;
                lost.add(claim.token());
            });
        }

        private void ring() {
            for (Due due : store.dueTimers(1)) {
                String name = due.execution().key().task().value();
                TreeMap<Long, Model> all = Objects.requireNonNull(tasks.get(name));
                Model model =
                        Objects.requireNonNull(all.get(due.execution().key().timestamp()));
                assertThat(model.timer && model.until <= clock.nanos()).isTrue();
                boolean busy = all.values().stream().anyMatch(each -> each != model && !each.status.isFinished());
                Due next = timer(name, clock.instant().plusSeconds(5));
                RingResult result = store.ring(new Ring(
                        due.execution().key(), new Ring.Fate.Run(Optional.of("busy")), List.of(), Optional.of(next)));
                assertThat(result).isEqualTo(busy ? RingResult.SKIPPED : RingResult.RUNG);
                model.timer = false;
                model.status = busy ? ExecutionStatus.DONE : ExecutionStatus.ENQUEUED;
                model.order = ++order;
                wait(all, next);
            }
        }

        private void promote() {
            List<Model> due = new ArrayList<>();
            tasks.values()
                    .forEach(all -> all.values().stream()
                            .filter(each -> each.status == ExecutionStatus.SCHEDULED
                                    && !each.timer
                                    && each.until <= clock.nanos())
                            .forEach(due::add));
            assertThat(store.promoteRetries(1000)).isEqualTo(due.size());
            // Between equal times the order is that of their first arrival, which is that of their numbers.
            queue(due);
        }

        private void queue(List<Model> models) {
            models.sort(Comparator.<Model>comparingLong(each -> each.until).thenComparingLong(each -> each.timestamp));
            for (Model each : models) {
                each.status = ExecutionStatus.ENQUEUED;
                each.order = ++order;
            }
        }

        private void recover() {
            List<Model> again = new ArrayList<>();
            int[] count = {0};
            tasks.forEach((name, all) -> all.values().stream()
                    .filter(each -> each.status == ExecutionStatus.DOING && each.until <= clock.nanos())
                    .forEach(each -> {
                        count[0]++;
                        lose(name, each.timestamp);
                        if (++each.crashes >= TaskStore.MAX_CRASHES) {
                            each.status = ExecutionStatus.FAILED;
                        } else {
                            again.add(each);
                        }
                    }));
            assertThat(store.recover(1000)).isEqualTo(count[0]);
            queue(again);
        }

        private void release() {
            if (!claims.isEmpty()) {
                Claim claim = claims.get(random.nextInt(claims.size()));
                Optional<Model> model = held(claim);
                store.release(List.of(claim));
                model.ifPresent(each -> {
                    each.status = ExecutionStatus.ENQUEUED;
                    lost.add(claim.token());
                });
            }
        }

        private void finishOrAgain(String name) {
            TreeMap<Long, Model> all = tasks.getOrDefault(name, new TreeMap<>());
            if (all.isEmpty()) {
                return;
            }
            List<Model> list = List.copyOf(all.values());
            Model model = list.get(random.nextInt(list.size()));
            Execution found = store.execution(new TaskId(name), model.timestamp).orElseThrow();
            if (random.nextBoolean()) {
                assertThat(store.replay(found.key()).isPresent()).isEqualTo(model.status.isFinished());
                if (model.status.isFinished()) {
                    model.status = ExecutionStatus.ENQUEUED;
                    model.crashes = 0;
                    model.order = ++order;
                }
            } else {
                boolean can = !model.status.isFinished() && !model.timer;
                assertThat(store.abort(found.key(), "stop").isPresent()).isEqualTo(can);
                if (can) {
                    model.status = ExecutionStatus.FAILED;
                    model.crashes = 0;
                    lose(name, model.timestamp);
                }
            }
        }

        private void clean(String name) {
            TreeMap<Long, Model> all = tasks.getOrDefault(name, new TreeMap<>());
            int before = all.size();
            for (ExecutionStatus status : List.of(ExecutionStatus.DONE, ExecutionStatus.FAILED)) {
                List<Long> old = all.descendingMap().values().stream()
                        .filter(each -> each.status == status)
                        .skip(2)
                        .map(each -> each.timestamp)
                        .toList();
                old.forEach(all::remove);
            }
            assertThat(store.clean(new TaskId(name), 2, 2)).isEqualTo(before - all.size());
        }

        private void remove(String name) {
            if (random.nextInt(3) == 0) {
                assertThat(store.removeTask(new TaskId(name))).isEqualTo(tasks.containsKey(name));
                TreeMap<Long, Model> all = tasks.remove(name);
                if (all != null) {
                    all.keySet().forEach(timestamp -> lose(name, timestamp));
                }
            } else if (random.nextInt(3) == 0) {
                TreeMap<Long, Model> all = tasks.getOrDefault(name, new TreeMap<>());
                int before = all.size();
                all.values().stream().filter(each -> !each.timer).forEach(each -> lose(name, each.timestamp));
                all.values().removeIf(each -> !each.timer);
                assertThat(store.removeExecutions(new TaskId(name))).isEqualTo(before - all.size());
            }
        }

        private void restart() {
            store.close();
            store = LocalStores.open(directory.orElseThrow(), clock, LocalOptions.DEFAULT);
            loseAll(false);
        }

        private void crash() throws IOException {
            store.putTask(task("z"), Optional.empty());
            store.removeTask(new TaskId("z"));
            Path from = directory.orElseThrow();
            Path copy = from.resolveSibling(from.getFileName() + "-" + copies++);
            LocalTaskStoreTest.copy(from, copy);
            store.close();
            store = LocalStores.open(copy, clock, LocalOptions.DEFAULT);
            directory = Optional.of(copy);
            loseAll(true);
        }

        private void loseAll(boolean crashed) {
            claims.forEach(each -> lost.add(each.token()));
            tasks.values()
                    .forEach(all -> all.values().stream()
                            .filter(each -> each.status == ExecutionStatus.DOING)
                            .forEach(each -> {
                                each.crashes += crashed ? 1 : 0;
                                each.status = each.crashes >= TaskStore.MAX_CRASHES
                                        ? ExecutionStatus.FAILED
                                        : ExecutionStatus.ENQUEUED;
                            }));
        }

        private static int count(NavigableMap<Long, Model> all, ExecutionStatus status) {
            return (int)
                    all.values().stream().filter(each -> each.status == status).count();
        }

        private void check() {
            assertThat(store.counts().tasks()).isEqualTo(tasks.size());
            for (String name : NAMES) {
                TreeMap<Long, Model> all = tasks.getOrDefault(name, new TreeMap<>());
                assertThat(store.counts(new TaskId(name)))
                        .isEqualTo(new TaskCounts(
                                all.size(),
                                count(all, ExecutionStatus.SCHEDULED),
                                count(all, ExecutionStatus.ENQUEUED),
                                count(all, ExecutionStatus.DOING),
                                count(all, ExecutionStatus.FAILED)));
                List<Execution> listed = store.executions(new TaskId(name), Long.MAX_VALUE, 1000);
                assertThat(listed.stream().map(each -> each.key().timestamp() + " " + each.status()))
                        .containsExactlyElementsOf(all.descendingMap().values().stream()
                                .map(each -> each.timestamp + " " + each.status)
                                .toList());
            }
            assertThat(store.nextDue().map(Time::nanos))
                    .isEqualTo(tasks.values().stream()
                            .flatMap(all -> all.values().stream())
                            .filter(each -> each.status == ExecutionStatus.SCHEDULED)
                            .map(each -> each.until)
                            .min(Comparator.naturalOrder()));
        }
    }
}
