package org.cdshooks.runtime.plugin;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import jdk.management.VirtualThreadSchedulerMXBean;

/** The carriers of this process. Used by one thread. */
final class JdkCarriers implements Carriers {
    /**
     * How many tasks {@link #raise} starts at most. The scheduler looks for another carrier only when a task comes to an
     * empty queue or to a full one, which is then doubled; a queue begins with 64 places.
     */
    private static final int MAX_PUSHES = 1 << 14;

    private final VirtualThreadSchedulerMXBean scheduler =
            ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Map<String, Long> ids = new HashMap<>();

    @Override
    public int parallelism() {
        return scheduler.getParallelism();
    }

    @Override
    public void start(Runnable task) {
        Thread.ofVirtual().inheritInheritableThreadLocals(false).start(task);
    }

    @Override
    public void lower(int parallelism) {
        scheduler.setParallelism(parallelism);
    }

    @Override
    public void raise(int parallelism, BooleanSupplier isRelieved) {
        int before = scheduler.getPoolSize();
        scheduler.setParallelism(parallelism);
        for (int i = 0; i < MAX_PUSHES && !isRelieved.getAsBoolean() && scheduler.getPoolSize() <= before; i++) {
            start(() -> {});
        }
    }

    /** The JDK tells the carrier of a virtual thread in its text alone: {@code VirtualThread[#22]/runnable@carrier-1}. */
    @Override
    public Optional<Hold> holdOf(Thread virtual, boolean all) {
        if (!all && virtual.getState() != Thread.State.RUNNABLE) {
            return Optional.empty();
        }
        String text = virtual.toString();
        int slash = text.lastIndexOf("]/"); // a thread's name may have anything in it
        int at = text.indexOf('@', slash);
        if (slash < 0 || at < 0) {
            return Optional.empty();
        }
        return Optional.of(
                new Hold(text.substring(at + 1), text.substring(slash + 2, at).equals("runnable")));
    }

    @Override
    public long cpuNanos(String carrier) {
        Long id = ids.get(carrier);
        if (id == null) {
            ids.clear();
            for (ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
                if (info != null) { // has ended meanwhile
                    ids.put(info.getThreadName(), info.getThreadId());
                }
            }
            id = ids.getOrDefault(carrier, -1L);
        }
        return id < 0 ? 0 : Math.max(0, threads.getThreadCpuTime(id));
    }
}
