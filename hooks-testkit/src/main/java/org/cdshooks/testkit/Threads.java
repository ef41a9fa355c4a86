package org.cdshooks.testkit;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which threads there are, virtual ones included, those of the JDK itself left out. */
final class Threads {
    /** How long code under test gets to reach the point where it waits for something. */
    static final Duration SETTLING = Duration.ofMillis(500);

    private static final Pattern IN_DUMP = Pattern.compile("\"tid\":\\s*\"?(\\d+)\"?,(?:\\s*\"time\":\\s*\"[^\"]*\",)?"
            + "(?:\\s*\"virtual\":\\s*\\w+,)?\\s*\"name\":\\s*\"([^\"]*)\"");

    private Threads() {}

    /** Returns the live threads: names by ids. */
    static Map<Long, String> live() {
        Map<Long, String> live = new TreeMap<>(inDump());
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (isOfTheJdk(thread)) {
                live.remove(thread.threadId());
            } else {
                live.put(thread.threadId(), thread.getName());
            }
        }
        live.values().removeIf(name -> name.contains("-Poller"));
        return live;
    }

    /** Virtual threads are in no list but a thread dump; without HotSpot they are not seen. */
    private static Map<Long, String> inDump() {
        HotSpotDiagnosticMXBean hotSpot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (hotSpot == null) {
            return Map.of();
        }
        Map<Long, String> found = new TreeMap<>();
        try {
            Path directory = Files.createTempDirectory("threads");
            Path dump = directory.resolve("dump.json");
            try {
                hotSpot.dumpThreads(dump.toAbsolutePath().toString(), ThreadDumpFormat.JSON);
                Matcher thread = IN_DUMP.matcher(Files.readString(dump));
                while (thread.find()) {
                    found.put(Long.valueOf(thread.group(1)), thread.group(2));
                }
            } finally {
                Files.deleteIfExists(dump);
                Files.deleteIfExists(directory);
            }
        } catch (IOException | UnsupportedOperationException e) {
            return Map.of();
        }
        return found;
    }

    /** Carriers of virtual threads, cleaners, pollers: the JDK starts them when it likes. */
    private static boolean isOfTheJdk(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        return thread.getClass().getName().startsWith("jdk.internal.misc.")
                || (group != null && group.getName().equals("system"))
                || (group != null && group.getName().equals("CarrierThreads"));
    }

    static boolean isBlocked(Thread.State state) {
        return switch (state) {
            case WAITING, TIMED_WAITING, BLOCKED -> true;
            case NEW, RUNNABLE, TERMINATED -> false;
        };
    }

    /** Asks again and again until the answer is yes or the time is over. */
    static boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return true;
    }
}
