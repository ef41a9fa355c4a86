package org.cdshooks.runtime.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.cdshooks.api.TaskId;

/**
 * Goes through all tasks, oldest first, a page at a time, while others make and remove tasks. Nothing comes after a task that has
 * been removed meanwhile; then the walk goes on behind the one before it. Each task that stays is seen; one is seen twice only if
 * others remove whole pages in the meantime. Used by one thread.
 *
 * @param <T> what is seen of a task
 * @param <E> what the reading may end with
 */
public final class TaskWalk<T, E extends Exception> {
    private final int limit;
    private final Function<T, TaskId> id;
    private final Reader<T, E> reader;
    private final Deque<TaskId> lastOnes = new ArrayDeque<>();
    private List<T> page = List.of();
    private boolean isShort;
    private boolean ended;

    /**
     * Reads a page of tasks.
     *
     * @param <T> what is seen of a task
     * @param <E> what the reading may end with
     */
    @FunctionalInterface
    public interface Reader<T, E extends Exception> {
        /**
         * Reads a page.
         *
         * @param after the last task of the page before; empty for the first page
         * @param limit how many at most
         * @return the tasks, oldest first; none behind a task that is not there
         * @throws E if that can't be had
         */
        List<T> page(Optional<TaskId> after, int limit) throws E;
    }

    /**
     * Begins a walk.
     *
     * @param limit how large a page is
     * @param id tells the id of a task
     * @param reader reads the pages
     */
    public TaskWalk(int limit, Function<T, TaskId> id, Reader<T, E> reader) {
        this.limit = limit;
        this.id = id;
        this.reader = reader;
    }

    /**
     * Returns the next tasks.
     *
     * @return the tasks; none if all have been seen
     * @throws E if they can't be read
     */
    public List<T> next() throws E {
        if (ended) {
            return List.of();
        }
        page = page.isEmpty() ? read(Optional.empty()) : behind();
        if (page.isEmpty()) {
            ended = true;
        } else {
            lastOnes.push(id.apply(page.getLast()));
        }
        return page;
    }

    private List<T> behind() throws E {
        if (isShort) {
            return List.of();
        }
        Set<TaskId> seen = page.stream().map(id).collect(Collectors.toSet());
        // In growing steps, since most often nothing is behind the last one because it is the end.
        for (int back = 1; back <= page.size(); back *= 2) {
            List<T> found = read(Optional.of(id.apply(page.get(page.size() - back))));
            if (!found.isEmpty()) {
                return unseen(found, seen);
            }
        }
        while (!lastOnes.isEmpty()) {
            List<T> found = read(Optional.of(lastOnes.pop()));
            if (!found.isEmpty()) {
                return unseen(found, seen);
            }
        }
        return unseen(read(Optional.empty()), seen);
    }

    private List<T> read(Optional<TaskId> after) throws E {
        List<T> found = reader.page(after, limit);
        isShort = found.size() < limit && !found.isEmpty();
        return found;
    }

    private List<T> unseen(List<T> found, Set<TaskId> seen) {
        return found.stream().filter(task -> !seen.contains(id.apply(task))).toList();
    }
}
