package org.cdshooks.runtime.store.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A disk in memory that notes what is done to it, so that {@link PowerFailures} can tell what a power failure at any time
 * would leave behind, and that fails on demand.
 */
final class SimulatedDisk implements Disk {
    static final int BLOCK = 4096;

    /** The operations on the disk. Each write notes the block as the write leaves the block. */
    sealed interface Step {
        record Block(File file, int number, byte[] content, long size) implements Step {}

        record Cut(File file, long size) implements Step {}

        record Force(File file) implements Step {}

        /** Names that a file gets, or that go, in one step. */
        record Names(Map<Path, Optional<File>> files) implements Step {}

        record ForceNames() implements Step {}

        /** Something that the test wants to know the place of. */
        record Note(Object what) implements Step {}
    }

    enum Call {
        READ,
        WRITE,
        FORCE,
        TRUNCATE,
        OPEN,
        MOVE,
        FORCE_DIRECTORY,
        USABLE_SPACE
    }

    /** Decides which calls fail. */
    interface Failure {
        void check(Call call, Path file) throws IOException;
    }

    /** A file: blocks that are never changed, but replaced. */
    static final class File {
        final String name;
        byte[][] blocks = new byte[16][];
        long size;

        File(String name) {
            this.name = name;
        }

        File(String name, byte[][] blocks, long size) {
            this.name = name;
            this.blocks = blocks;
            this.size = size;
        }

        byte[] block(int number) {
            return number < blocks.length && blocks[number] != null ? blocks[number] : new byte[BLOCK];
        }

        void put(int number, byte[] content) {
            if (number >= blocks.length) {
                blocks = Arrays.copyOf(blocks, 2 * number);
            }
            blocks[number] = content;
        }

        void cut(long newSize) {
            if (newSize >= size) {
                return;
            }
            size = newSize;
            int whole = (int) (newSize / BLOCK);
            if (newSize % BLOCK > 0 && whole < blocks.length && blocks[whole] != null) {
                blocks[whole] = Arrays.copyOf(Arrays.copyOf(blocks[whole], (int) (newSize % BLOCK)), BLOCK);
                whole++;
            }
            for (int i = whole; i < blocks.length; i++) {
                blocks[i] = null;
            }
        }
    }

    final Map<Path, File> names = new HashMap<>();
    final List<Step> steps = new ArrayList<>();
    private volatile boolean noting;
    private volatile Failure failure = (call, file) -> {};
    private volatile long usable = Long.MAX_VALUE;
    private volatile int process;

    SimulatedDisk() {
        this(true);
    }

    SimulatedDisk(boolean noting) {
        this.noting = noting;
    }

    void noteFromNowOn() {
        noting = true;
    }

    /** From now on calls fail as this says. */
    void fail(Failure newFailure) {
        failure = newFailure;
    }

    void usable(long bytes) {
        usable = bytes;
    }

    synchronized void note(Object what) {
        add(new Step.Note(what));
    }

    /** The process dies: nothing that it has open can be used any more. What it wrote stays with the system. */
    void kill() {
        process++;
    }

    private void add(Step step) {
        if (noting) {
            steps.add(step);
        }
    }

    @Override
    public Path createDirectory(Path directory) {
        return directory;
    }

    @Override
    public synchronized FileChannel open(Path path) throws IOException {
        failure.check(Call.OPEN, path);
        File file = names.get(path);
        if (file == null) {
            file = new File(path.getFileName().toString());
            names.put(path, file);
            add(new Step.Names(Map.of(path, Optional.of(file))));
        }
        return new Channel(path, file, process);
    }

    @Override
    public synchronized FileChannel openToRead(Path path) throws IOException {
        failure.check(Call.OPEN, path);
        File file = names.get(path);
        if (file == null) {
            throw new NoSuchFileException(path.toString());
        }
        return new Channel(path, file, process);
    }

    @Override
    public synchronized boolean exists(Path file) {
        return names.containsKey(file);
    }

    @Override
    public synchronized long size(Path file) {
        return names.get(file).size;
    }

    @Override
    public synchronized List<Path> list(Path directory) {
        return names.keySet().stream()
                .filter(path -> directory.equals(path.getParent()))
                .toList();
    }

    @Override
    public synchronized void move(Path from, Path to) throws IOException {
        failure.check(Call.MOVE, from);
        File moved = names.remove(from);
        names.put(to, moved);
        add(new Step.Names(Map.of(from, Optional.empty(), to, Optional.of(moved))));
    }

    @Override
    public synchronized void delete(Path file) {
        if (names.remove(file) != null) {
            add(new Step.Names(Map.of(file, Optional.empty())));
        }
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        failure.check(Call.FORCE_DIRECTORY, directory);
        add(new Step.ForceNames());
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
        failure.check(Call.USABLE_SPACE, directory);
        return usable;
    }

    /** An open file. */
    private final class Channel extends FileChannel {
        private final Path path;
        private final File file;
        private final int openedBy;

        Channel(Path path, File file, int openedBy) {
            this.path = path;
            this.file = file;
            this.openedBy = openedBy;
        }

        private void check(Call call) throws IOException {
            if (!isOpen() || openedBy != process) {
                throw new ClosedChannelException();
            }
            failure.check(call, path);
        }

        @Override
        public int read(ByteBuffer to, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                check(Call.READ);
                if (position >= file.size) {
                    return -1;
                }
                int offset = (int) (position % BLOCK);
                int length = (int) Math.min(Math.min(BLOCK - offset, to.remaining()), file.size - position);
                to.put(file.block((int) (position / BLOCK)), offset, length);
                return length;
            }
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                check(Call.WRITE);
                int offset = (int) (position % BLOCK);
                int length = Math.min(BLOCK - offset, from.remaining());
                int number = (int) (position / BLOCK);
                byte[] content = file.block(number).clone();
                from.get(content, offset, length);
                file.put(number, content);
                file.size = Math.max(file.size, position + length);
                add(new Step.Block(file, number, content, file.size));
                return length;
            }
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            synchronized (SimulatedDisk.this) {
                check(Call.TRUNCATE);
                if (size < file.size) {
                    file.cut(size);
                    add(new Step.Cut(file, size));
                }
                return this;
            }
        }

        @Override
        public void force(boolean metaData) throws IOException {
            synchronized (SimulatedDisk.this) {
                check(Call.FORCE);
                add(new Step.Force(file));
            }
        }

        @Override
        public long size() {
            synchronized (SimulatedDisk.this) {
                return file.size;
            }
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            return new FileLock(this, position, size, shared) {
                @Override
                public boolean isValid() {
                    return true;
                }

                @Override
                public void release() {
                    // Nobody else is there.
                }
            };
        }

        @Override
        protected void implCloseChannel() {
            // Nothing is held.
        }

        @Override
        public int read(ByteBuffer to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] to, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long newPosition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
