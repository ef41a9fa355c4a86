package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.cdshooks.api.TaskId;
import org.junit.jupiter.api.Test;

class TaskWalkTest {
    private final List<TaskId> tasks = new ArrayList<>();
    private int questions;

    private void make(int count) {
        IntStream.range(0, count).forEach(i -> tasks.add(new TaskId("task-" + i)));
    }

    private List<TaskId> page(Optional<TaskId> after, int limit) {
        questions++;
        int from = after.map(tasks::indexOf).orElse(-1);
        return after.isPresent() && from < 0
                ? List.of()
                : List.copyOf(tasks.subList(from + 1, Math.min(tasks.size(), from + 1 + limit)));
    }

    private TaskWalk<TaskId, RuntimeException> walk(int limit) {
        return new TaskWalk<>(limit, id -> id, this::page);
    }

    private static List<TaskId> rest(TaskWalk<TaskId, RuntimeException> walk) {
        List<TaskId> all = new ArrayList<>();
        for (List<TaskId> page = walk.next(); !page.isEmpty(); page = walk.next()) {
            all.addAll(page);
        }
        return all;
    }

    @Test
    void allAreSeenOnceInTheirOrder() {
        for (int count : List.of(0, 1, 3, 4, 5, 8, 9)) {
            tasks.clear();
            make(count);

            assertThat(rest(walk(4))).isEqualTo(tasks);
        }
    }

    @Test
    void theEndCostsFewQuestions() {
        make(1024);
        assertThat(rest(walk(1024))).hasSize(1024);
        assertThat(questions).isLessThan(16);

        questions = 0;
        assertThat(rest(walk(1000))).hasSize(1024);
        assertThat(questions).isEqualTo(2);
    }

    @Test
    void whoIsBehindRemovedOnesIsSeen() {
        for (int removed = 1; removed <= 12; removed++) {
            tasks.clear();
            make(20);
            TaskWalk<TaskId, RuntimeException> walk = walk(4);
            walk.next();
            walk.next();
            walk.next();
            List<TaskId> behind = List.copyOf(tasks.subList(12, 20));
            tasks.subList(12 - removed, 12).clear();

            assertThat(rest(walk)).as("%d removed", removed).containsSequence(behind);
        }
    }

    @Test
    void whoeverStaysIsSeenWhateverOthersRemoveAndMake() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            tasks.clear();
            make(random.nextInt(40));
            TreeSet<String> stay = new TreeSet<>();
            tasks.forEach(id -> stay.add(id.value()));
            TaskWalk<TaskId, RuntimeException> walk = walk(1 + random.nextInt(6));
            TreeSet<String> seen = new TreeSet<>();
            for (List<TaskId> page = walk.next(); !page.isEmpty(); page = walk.next()) {
                page.forEach(id -> seen.add(id.value()));
                for (int i = random.nextInt(4); i > 0 && !tasks.isEmpty(); i--) {
                    stay.remove(tasks.remove(random.nextInt(tasks.size())).value());
                }
                if (random.nextBoolean()) {
                    tasks.add(new TaskId("new-" + tasks.size() + "-" + random.nextInt(1000)));
                }
            }
            assertThat(seen).as("seed %d", seed).containsAll(stay);
        }
    }
}
