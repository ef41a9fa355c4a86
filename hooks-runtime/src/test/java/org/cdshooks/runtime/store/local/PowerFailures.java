package org.cdshooks.runtime.store.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.cdshooks.runtime.store.local.SimulatedDisk.File;
import org.cdshooks.runtime.store.local.SimulatedDisk.Step;

/**
 * Goes through what was done to a {@link SimulatedDisk} and makes the disks that a power failure could leave behind: what
 * was forced is there, and of the blocks that were written since, any may be there and any may be missing.
 */
final class PowerFailures {
    private static final int ALL_SUBSETS_UP_TO = 10;
    private static final int RANDOM_SUBSETS = 200;

    private final Random random;
    private final Map<File, Kept> files = new HashMap<>();
    private final Map<Path, File> names = new HashMap<>();
    private final List<Step.Names> pendingNames = new ArrayList<>();

    /** A file as it was forced, and what was done to it since. */
    private static final class Kept {
        private final File forced;
        private final List<Step> since = new ArrayList<>();

        Kept(String name) {
            forced = new File(name);
        }

        void force() {
            for (Step step : since) {
                apply(step, forced);
            }
            since.clear();
        }

        private static void apply(Step step, File to) {
            switch (step) {
                case Step.Block block -> {
                    to.put(block.number(), block.content());
                    to.size = Math.max(
                            to.size, Math.min(block.size(), (long) (block.number() + 1) * SimulatedDisk.BLOCK));
                }
                case Step.Cut cut -> to.cut(cut.size());
                default -> throw new IllegalArgumentException(step.toString());
            }
        }

        File with(boolean[] chosen) {
            File left = new File(forced.name, forced.blocks.clone(), forced.size);
            for (int i = 0; i < chosen.length; i++) {
                if (chosen[i]) {
                    apply(since.get(i), left);
                }
            }
            return left;
        }
    }

    /** Begins with a disk that nothing was ever done to. */
    PowerFailures(long seed) {
        random = new Random(seed);
    }

    /** Begins with a disk as a power failure has left it behind: all that is there is on the disk. */
    PowerFailures(long seed, SimulatedDisk base) {
        this(seed);
        base.names.forEach((path, file) -> {
            names.put(path, file);
            Kept kept = kept(file);
            for (int i = 0; (long) i * SimulatedDisk.BLOCK < file.size; i++) {
                kept.forced.put(i, file.block(i));
            }
            kept.forced.size = file.size;
        });
    }

    /** Takes the next step that was done. */
    void add(Step step) {
        switch (step) {
            case Step.Block block -> kept(block.file()).since.add(block);
            case Step.Cut cut -> kept(cut.file()).since.add(cut);
            case Step.Force force -> kept(force.file()).force();
            case Step.Names changed -> pendingNames.add(changed);
            case Step.ForceNames _ -> {
                pendingNames.forEach(name -> apply(name, names));
                pendingNames.clear();
            }
            case Step.Note _ -> {}
        }
    }

    private Kept kept(File file) {
        return files.computeIfAbsent(file, added -> new Kept(added.name));
    }

    private static void apply(Step.Names changed, Map<Path, File> to) {
        changed.files().forEach((path, file) -> file.ifPresentOrElse(is -> to.put(path, is), () -> to.remove(path)));
    }

    /**
     * Makes the disks that a power failure now could leave behind: all subsets of up to ten blocks of the data file that
     * are not forced; otherwise none, all, all single ones, all but a single one, and 200 random subsets.
     */
    int leftBehind(Consumer<SimulatedDisk> disks) {
        Kept data = files.entrySet().stream()
                .filter(entry -> entry.getKey().name.equals(DataDirectory.DATA + ".new")
                        && !entry.getValue().since.isEmpty())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
        int blocks = data == null ? 0 : data.since.size();
        int made = 0;
        if (blocks <= ALL_SUBSETS_UP_TO) {
            for (int bits = 0; bits < 1 << blocks; bits++) {
                boolean[] chosen = new boolean[blocks];
                for (int i = 0; i < blocks; i++) {
                    chosen[i] = (bits & 1 << i) != 0;
                }
                disks.accept(disk(data, chosen));
                made++;
            }
            return made;
        }
        for (boolean most : new boolean[] {false, true}) {
            for (int i = -1; i < blocks; i++) {
                boolean[] chosen = new boolean[blocks];
                for (int j = 0; j < blocks; j++) {
                    chosen[j] = most != (i == j);
                }
                disks.accept(disk(data, chosen));
                made++;
            }
        }
        for (int n = 0; n < RANDOM_SUBSETS; n++) {
            boolean[] chosen = new boolean[blocks];
            for (int i = 0; i < blocks; i++) {
                chosen[i] = random.nextBoolean();
            }
            disks.accept(disk(data, chosen));
            made++;
        }
        return made;
    }

    private SimulatedDisk disk(Kept data, boolean[] chosen) {
        Map<Path, File> left = new HashMap<>(names);
        // File systems keep the order of changes to names.
        pendingNames.subList(0, random.nextInt(pendingNames.size() + 1)).forEach(name -> apply(name, left));
        SimulatedDisk disk = new SimulatedDisk(false);
        left.forEach((path, file) -> {
            Kept kept = kept(file);
            disk.names.put(path, kept == data ? kept.with(chosen) : ofSmall(kept));
        });
        return disk;
    }

    /** A file of one block, which the system has written at some time since it was forced, or not. */
    private File ofSmall(Kept kept) {
        File left = kept.with(new boolean[0]);
        int count = kept.since.size();
        int until = random.nextInt(4) == 0 ? random.nextInt(count + 1) : random.nextInt(2) * count;
        if (until > 0) {
            Kept.apply(kept.since.get(until - 1), left);
        }
        return left;
    }
}
