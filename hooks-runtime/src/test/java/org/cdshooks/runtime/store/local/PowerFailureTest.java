package org.cdshooks.runtime.store.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.cdshooks.runtime.store.local.SimulatedDisk.File;
import org.cdshooks.runtime.store.local.SimulatedDisk.Step;
import org.h2.mvstore.Cursor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Cuts the power of a simulated disk at random moments of a workload, and opens everything that the disk could then
 * hold. {@code -Dpower.points=20000} takes more moments, {@code -Dpower.seed=…} repeats a run.
 */
class PowerFailureTest {
    private static final int POINTS = Integer.getInteger("power.points", 1000);
    private static final Path DIRECTORY = Path.of("/data");

    private final long seed = Long.getLong("power.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final SimulatedDisk disk = new SimulatedDisk();

    /** The stored contents after each write, as one number. */
    private final List<Long> states = new ArrayList<>(List.of(0L));

    private final Map<Long, byte[]> rows = new TreeMap<>();
    private long state;
    private long lastNumber;
    private int disks;
    private int torn;
    private int twice;

    private record Issued(int writes) {}

    private record Acknowledged(int writes) {}

    @Test
    void whatWasAcknowledgedIsThereAfterAPowerFailure() {
        for (int session = 0; session < 5; session++) {
            work(120);
        }
        // The first ones see the files appear.
        TreeSet<Integer> moments = new TreeSet<>(IntStream.range(0, 40).boxed().toList());
        while (moments.size() < Math.min(POINTS, disk.steps.size() / 2)) {
            moments.add(random.nextInt(disk.steps.size()));
        }
        PowerFailures failures = new PowerFailures(seed);
        int issued = 0;
        int acknowledged = 0;
        for (int moment = 0; moment < disk.steps.size(); moment++) {
            Step step = disk.steps.get(moment);
            failures.add(step);
            if (step instanceof Step.Note(Issued(int writes))) {
                issued = writes;
            } else if (step instanceof Step.Note(Acknowledged(int writes))) {
                acknowledged = writes;
            }
            if (moments.contains(moment)) {
                List<Long> allowed = states.subList(acknowledged, issued + 1);
                String where = "seed " + seed + ", step " + moment;
                disks += failures.leftBehind(left -> {
                    check(left, allowed, where);
                    if (random.nextInt(1000) == 0) {
                        failAgain(left, where);
                    }
                });
            }
        }
        System.out.printf(
                "%,d power failures, %,d disks, %,d torn versions given up, %,d second failures (seed %d)%n",
                moments.size(), disks, torn, twice, seed);
        assertThat(moments).hasSizeGreaterThanOrEqualTo(Math.min(POINTS, 1000));
        assertThat(torn).as("torn versions").isPositive();
        assertThat(disk.steps)
                .as("the file was shortened")
                .anyMatch(step ->
                        step instanceof Step.Cut(File file, long _) && file.name.startsWith(DataDirectory.DATA));
    }

    @Test
    void makingTheFileSmallerLosesNothingInAPowerFailure() throws IOException {
        int begun;
        try (DataDirectory directory = DataDirectory.take(disk, DIRECTORY)) {
            DataFile file = DataFile.open(directory);
            for (int i = 0; i < 60; i++) {
                Batch batch = new Batch(i);
                for (int n = 0; n < 12; n++) {
                    batch.add(change(i > 40 ? 0.9 : 0));
                }
                long version = file.commit(batch);
                file.sync();
                directory.acknowledge(version);
            }
            states.add(state);
            disk.note(new Issued(1));
            disk.note(new Acknowledged(1));
            begun = disk.steps.size();
            long before = file.size();
            for (int i = 0; i < 12; i++) {
                long version = file.tidy(200_000);
                file.sync();
                directory.acknowledge(version);
            }
            assertThat(file.size()).isLessThan(before / 2);
            file.abandon();
        }
        PowerFailures failures = new PowerFailures(seed);
        for (int moment = 0; moment < disk.steps.size(); moment++) {
            failures.add(disk.steps.get(moment));
            if (moment > begun && random.nextInt(disk.steps.size() - begun) < POINTS / 10) {
                String where = "seed " + seed + ", step " + moment;
                disks += failures.leftBehind(left -> check(left, List.of(state), where));
            }
        }
        System.out.printf("%,d disks while the file became smaller (seed %d)%n", disks, seed);
        assertThat(disks).isGreaterThan(1000);
    }

    /** Works with the store for a while, then stops it in order or kills it. */
    private void work(int writes) {
        MvStoreBacking backing = MvStoreBacking.open(disk, DIRECTORY, new LocalOptions(0, 0, 1 << 20));
        backing.load((kind, number, value) -> {});
        for (int i = 0; i < writes; i++) {
            List<Change> changes = new ArrayList<>();
            for (int n = random.nextInt(1, 5); n > 0; n--) {
                changes.add(change(i % 60 > 40 ? 0.8 : 0.3));
            }
            states.add(state);
            disk.note(new Issued(states.size() - 1));
            long ticket = backing.write(changes);
            if (random.nextInt(4) > 0) {
                backing.await(ticket);
                disk.note(new Acknowledged(states.size() - 1));
            }
        }
        Change last = put(Kind.CURSOR, 1);
        states.add(state);
        disk.note(new Issued(states.size() - 1));
        backing.await(backing.write(List.of(last)));
        disk.note(new Acknowledged(states.size() - 1));
        if (random.nextBoolean()) {
            disk.kill();
        }
        backing.close();
    }

    private Change change(double removals) {
        List<Long> numbers = List.copyOf(rows.keySet());
        if (!numbers.isEmpty() && random.nextDouble() < removals) {
            long key = numbers.get(random.nextInt(numbers.size()));
            set(key, null);
            return new Change(kind(key), key >> 4, null);
        }
        return random.nextInt(3) == 0 ? put(Kind.EXECUTION, random.nextInt(40)) : put(Kind.BODY, ++lastNumber);
    }

    private Change put(Kind kind, long number) {
        byte[] value = new byte[random.nextInt(25) == 0 ? random.nextInt(70_000) : random.nextInt(600)];
        random.nextBytes(value);
        set(number << 4 | kind.ordinal(), value);
        return new Change(kind, number, value);
    }

    private void set(long key, byte @Nullable [] value) {
        byte[] before = value == null ? rows.remove(key) : rows.put(key, value);
        state += (value == null ? 0 : hash(key, value)) - (before == null ? 0 : hash(key, before));
    }

    private static Kind kind(long key) {
        return Kind.values()[(int) (key & 15)];
    }

    private static long hash(long key, byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(value);
        long hash = (key * 31 + Arrays.hashCode(value) << 32 | crc.getValue()) * 0x9E3779B97F4A7C15L;
        return hash ^ hash >>> 29;
    }

    private void check(SimulatedDisk left, List<Long> allowed, String where) {
        try (DataDirectory directory = DataDirectory.take(left, DIRECTORY)) {
            DataFile file = DataFile.open(directory);
            torn += file.givenUp().isPresent() ? 1 : 0;
            assertThat(allowed.contains(content(file))).as(where).isTrue();
            file.abandon();
        } catch (RuntimeException e) {
            throw new AssertionError(where, e);
        }
    }

    private static long content(DataFile file) {
        long found = 0;
        for (Kind kind : Kind.values()) {
            Cursor<Long, byte[]> cursor = file.map(kind).cursor(null);
            while (cursor.hasNext()) {
                long number = cursor.next();
                found += hash(number << 4 | kind.ordinal(), DataFile.unseal(kind, number, cursor.getValue()));
            }
        }
        return found;
    }

    /** A store that has survived a failure goes on, and survives the next one. */
    private void failAgain(SimulatedDisk left, String where) {
        PowerFailures next = new PowerFailures(seed, left);
        left.noteFromNowOn();
        List<Long> allowed = new ArrayList<>();
        try (DataDirectory directory = DataDirectory.take(left, DIRECTORY)) {
            DataFile file = DataFile.open(directory);
            allowed.add(content(file));
            for (int i = 0; i < 3; i++) {
                Batch batch = new Batch(i);
                for (int n = 0; n < 5; n++) {
                    byte[] value = new byte[random.nextInt(8000)];
                    random.nextBytes(value);
                    batch.add(new Change(Kind.BODY, 1_000_000 + random.nextInt(12), value));
                }
                long version = file.commit(batch);
                allowed.add(content(file));
                left.note(new Issued(i + 1));
                file.sync();
                left.note(new Acknowledged(i + 1));
                directory.acknowledge(version);
            }
            file.abandon();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        int moment = random.nextInt(left.steps.size());
        int acknowledged = 0;
        for (Step step : left.steps.subList(0, moment)) {
            next.add(step);
            if (step instanceof Step.Note(Acknowledged(int writes))) {
                acknowledged = writes;
            }
        }
        List<Long> still = allowed.subList(acknowledged, allowed.size());
        twice += next.leftBehind(again -> check(again, still, where + ", again at " + moment));
    }
}
