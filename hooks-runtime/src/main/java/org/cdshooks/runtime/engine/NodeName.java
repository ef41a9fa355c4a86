package org.cdshooks.runtime.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/** The name of this process among all that ever share a store. */
final class NodeName {
    private static final int MAX_HOST = 40;

    private NodeName() {}

    /** Makes a name: which machine and process it is, for people, and what no other start has. */
    static String make() {
        return of(
                host(),
                ProcessHandle.current().pid(),
                ThreadLocalRandom.current().nextInt());
    }

    static String of(String host, long pid, int random) {
        String sane = host.strip().replaceAll("[^A-Za-z0-9.-]+", "-");
        String cut = sane.substring(0, Math.min(MAX_HOST, sane.length()));
        return (cut.isEmpty() ? "node" : cut) + "-" + pid + "-" + String.format("%08x", random);
    }

    /** Never asks a name server, which may take its time. */
    private static String host() {
        for (String variable : new String[] {"HOSTNAME", "COMPUTERNAME"}) {
            String name = System.getenv(variable);
            if (name != null && !name.isBlank()) {
                return name;
            }
        }
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname"));
        } catch (IOException e) { // not Linux
            return "";
        }
    }
}
