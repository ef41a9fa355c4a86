package org.cdshooks.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.local.LocalOptions;
import org.cdshooks.runtime.store.local.LocalStores;
import org.cdshooks.runtime.task.Execution;
import org.cdshooks.runtime.task.ExecutionStatus;

/** What a store still holds of the work of a task, read past the service. */
interface StoreView {
    /**
     * The work that has not come to its end.
     *
     * @param all the ids of the requests whose executions have not ended
     * @param leased those of them that are under lease
     */
    record Unfinished(Set<Integer> all, Set<Integer> leased) {}

    /** Reads it. */
    Unfinished unfinished() throws Exception;

    /** A view of the data directory of a service that does not run; reads a copy, so that the directory stays as it is. */
    static StoreView ofDirectory(Path data, TaskId task) {
        return () -> {
            Path copy = Files.createTempDirectory("hooks-copy");
            try {
                copy(data, copy);
                try (TaskStore store = LocalStores.open(copy, InstantSource.system(), LocalOptions.DEFAULT)) {
                    return read(store, task);
                }
            } finally {
                delete(copy);
            }
        };
    }

    /** A view of a store that others use at the same time; waits until the store can be reached. */
    static StoreView of(TaskStore store, TaskId task) {
        return () -> {
            Unfinished[] found = new Unfinished[1];
            Distribution.waitUntil("the store can be read", () -> {
                try {
                    found[0] = read(store, task);
                    return true;
                } catch (StoreUnavailableException e) {
                    return false;
                }
            });
            return found[0];
        };
    }

    private static Unfinished read(TaskStore store, TaskId task) {
        Unfinished found = new Unfinished(new TreeSet<>(), new TreeSet<>());
        int limit = 1000;
        List<Execution> page = store.executions(task, Long.MAX_VALUE, limit);
        while (!page.isEmpty()) {
            page.stream()
                    .filter(each -> !each.status().isFinished())
                    .forEach(each -> Ledger.idIn(each.payload().text()).ifPresent(id -> {
                        found.all().add(id);
                        if (each.status() == ExecutionStatus.DOING) {
                            found.leased().add(id);
                        }
                    }));
            page = page.size() < limit
                    ? List.of()
                    : store.executions(task, page.getLast().key().timestamp(), limit);
        }
        return found;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
