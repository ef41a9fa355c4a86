package org.cdshooks.runtime.store.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of the room in the file that nothing needs any more, while nobody works with the store. */
@Timeout(120)
class FileSizeTest {
    private static final Path DIRECTORY = Path.of("/file-size");
    private static final Path DATA = DIRECTORY.resolve(DataDirectory.DATA);
    private static final int MIB = 1 << 20;

    private final SimulatedDisk disk = new SimulatedDisk(false);
    private final Random random = new Random(7);
    private final Map<Long, byte[]> rows = new TreeMap<>();
    private MvStoreBacking backing;
    private long last;

    @BeforeEach
    void open() {
        backing = MvStoreBacking.open(disk, DIRECTORY, new LocalOptions(0, 0, 64 * MIB));
        backing.load((kind, number, value) -> {});
    }

    @AfterEach
    void close() {
        backing.close();
    }

    private void fill(int mib, int most, int perCommit) {
        long ticket = 0;
        for (long left = (long) mib * MIB; left > 0; ) {
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i < perCommit && left > 0; i++) {
                byte[] value = new byte[1 + random.nextInt(most)];
                random.nextBytes(value);
                rows.put(++last, value);
                changes.add(new Change(Kind.BODY, last, value));
                left -= value.length;
            }
            ticket = backing.write(changes);
            backing.await(ticket);
        }
    }

    private void keep(double share, int perCommit) {
        List<Change> changes = new ArrayList<>();
        for (long number : List.copyOf(rows.keySet())) {
            if (random.nextDouble() >= share) {
                rows.remove(number);
                changes.add(new Change(Kind.BODY, number, null));
            }
            if (changes.size() == perCommit) {
                backing.await(backing.write(changes));
                changes = new ArrayList<>();
            }
        }
        backing.await(backing.write(changes));
    }

    /** Waits until the file has at most three times what is live, or is as small as it need not be smaller. */
    private void expectSmall() {
        long live = rows.values().stream().mapToLong(value -> value.length).sum();
        long most = Math.max(3 * live, DataFile.SMALL);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (disk.size(DATA) > most) {
            assertThat(System.nanoTime())
                    .as("%,d bytes for %,d", disk.size(DATA), live)
                    .isLessThan(end);
            LockSupport.parkNanos(10_000_000);
        }
        rows.forEach(
                (number, value) -> assertThat(backing.read(Kind.BODY, number)).isEqualTo(value));
        backing.close();
        assertThat(disk.size(DATA)).isLessThanOrEqualTo(most);
        open();
        rows.forEach(
                (number, value) -> assertThat(backing.read(Kind.BODY, number)).isEqualTo(value));
    }

    @Test
    void aFileOfWhichLittleIsLeftBecomesSmall() {
        fill(90, 60_000, 50);
        keep(0.05, 100);

        expectSmall();
    }

    @Test
    void aFileOfManySmallVersionsBecomesSmall() {
        fill(6, 3000, 1);
        keep(0.5, 1);

        expectSmall();
    }

    @Test
    void aFileOfAFewLargePartsBecomesSmall() {
        fill(60, 60_000, 700);
        keep(0.2, 10_000);

        expectSmall();
    }

    @Test
    void aFileThatNothingIsLeftOfBecomesSmall() {
        fill(40, 200_000, 20);
        keep(0, 1000);

        expectSmall();
    }
}
