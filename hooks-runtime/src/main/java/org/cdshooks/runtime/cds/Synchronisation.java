package org.cdshooks.runtime.cds;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.api.TaskId;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.engine.TaskView;
import org.cdshooks.runtime.engine.TaskWalk;
import org.cdshooks.runtime.engine.Tasks;
import org.cdshooks.runtime.task.ConfigValue;
import org.cdshooks.runtime.task.TaskRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the tasks those that the CDS API lists (PROTOCOL 3.2): saves what is new or has changed, leaves the rest as it is,
 * and removes what is listed no more, unless that is too much to be believed. Tasks that belong to no workflow are none of
 * CDS and stay. Hooks are read one at a time; of all only the names are kept.
 */
final class Synchronisation {
    private static final Logger LOG = LoggerFactory.getLogger(Synchronisation.class);
    private static final String PATH = "/workflow/hook";
    private static final int PAGE = 500;
    private static final int TOLD = 20;

    /** So few tasks may always be removed: of a small installation they are a large share. */
    private static final int FEW = 5;

    private static final String HELD_BACK =
            "the CDS API lists its hook no more. The task is not removed, since the API has left out more hooks than"
                    + " cds.sync.maxDelete allows. POST /admin/sync?force=true removes the task; the task is started again"
                    + " if the API lists its hook";
    private static final String WEB_HOOK_URL = "webHookURL"; // the service computes it
    private static final Duration SKEW = Duration.ofMinutes(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CdsApi api;
    private final Tasks tasks;
    private final HookReader reader;
    private final InstantSource clock;
    private final int maxDelete;

    /**
     * Makes a synchronisation.
     *
     * @param maxDelete how many per cent of the tasks may be removed without force
     */
    Synchronisation(CdsApi api, Tasks tasks, HookReader reader, InstantSource clock, int maxDelete) {
        this.api = api;
        this.tasks = tasks;
        this.reader = reader;
        this.clock = clock;
        this.maxDelete = maxDelete;
    }

    /**
     * Runs once. One at a time.
     *
     * @param force whether tasks are removed however many they are
     * @throws ApiException if the hooks can't be read to their end; nothing was removed then
     */
    synchronized SyncReport run(boolean force) throws ApiException, InterruptedException {
        Run run = new Run(clock.instant());
        api.call("GET", PATH, null, new String[0], (body, headers) -> {
            run.readAll(body);
            return run;
        });
        SyncReport report = run.remove(force);
        if (report.isClean()) {
            LOG.info("Synchronised with the CDS API: {}", report.words());
        } else {
            LOG.warn("Synchronised with the CDS API: {}", report.words());
        }
        return report;
    }

    /** A task whose hook is listed no more. */
    private record Gone(TaskId id, long revision) {}

    private final class Run {
        private final Instant began;
        private final Set<String> listed = new HashSet<>();
        private final List<String> refused = new ArrayList<>();
        private int refusedInAll;
        private int saved;
        private int unchanged;

        Run(Instant began) {
            this.began = began;
        }

        void readAll(InputStream body) throws IOException {
            try (JsonParser json = JSON.createParser(body)) {
                JsonToken first = json.nextToken();
                if (first == JsonToken.VALUE_NULL) {
                    return;
                }
                if (first != JsonToken.START_ARRAY) {
                    throw new IOException("the answer is no list of hooks");
                }
                while (json.nextToken() != JsonToken.END_ARRAY) { // at a cut-off end, Jackson throws
                    JsonNode hook = JSON.readTree(json);
                    if (hook instanceof ObjectNode object) {
                        take(reader.read(object));
                    }
                }
            }
        }

        private void take(HookReader.Read hook) {
            if (!hook.uuid().isEmpty()) {
                // Also if it can't be saved: a plugin that is missing today must not cost a task.
                listed.add(hook.uuid());
            }
            if (!Hooks.belongsToWorkflow(hook.config())) {
                return; // such as the hook of a template; the other service passes over them, too
            }
            if (!hook.problems().isEmpty()) {
                refuse(hook, hook.problems());
                return;
            }
            if (hook.uuid().isEmpty()) {
                refuse(hook, List.of(new ConfigProblem("uuid", "is missing")));
                return;
            }
            try {
                save(new TaskId(hook.uuid()), hook);
            } catch (InvalidConfigException e) {
                refuse(hook, e.problems());
            }
        }

        private void save(TaskId id, HookReader.Read hook) {
            Optional<TaskView> before = tasks.find(id);
            boolean isStopped = before.map(TaskView::task)
                    .filter(task -> task.stopped() && !task.isSuspended())
                    .isPresent();
            if (isStopped && isSame(before.orElseThrow(), hook)) {
                unchanged++; // somebody has stopped it, and the API says nothing new
                return;
            }
            TaskRecord after = tasks.put(id, hook.type(), hook.config()).task();
            if (before.isPresent() && before.get().task().revision() == after.revision()) {
                unchanged++;
            } else {
                saved++;
            }
        }

        /** Whether a hook says what the task already has; the service adds to a config, and hides secrets. */
        private static boolean isSame(TaskView before, HookReader.Read hook) {
            Map<String, ConfigValue> stored = before.task().config();
            return before.task().type().equals(hook.type())
                    && hook.config().entrySet().stream()
                            .filter(option -> !option.getValue().value().isEmpty() // which a hook type may complete
                                    && !before.secrets().contains(option.getKey())
                                    && !option.getKey().equals(WEB_HOOK_URL))
                            .allMatch(option -> option.getValue().equals(stored.get(option.getKey())));
        }

        private void refuse(HookReader.Read hook, List<ConfigProblem> problems) {
            refusedInAll++;
            if (refused.size() < TOLD) {
                ConfigProblem first = problems.getFirst();
                String words = "hook " + hook.uuid() + ": " + first.option() + " " + first.message();
                refused.add(words);
                LOG.warn("A hook of the CDS API can't be a task: {}", words);
            }
        }

        SyncReport remove(boolean force) {
            List<Gone> gone = new ArrayList<>();
            int ours = 0;
            TaskWalk<TaskView, RuntimeException> walk =
                    new TaskWalk<>(PAGE, view -> view.task().id(), tasks::list);
            for (List<TaskView> page = walk.next(); !page.isEmpty(); page = walk.next()) {
                for (TaskView view : page) {
                    TaskRecord task = view.task();
                    if (Hooks.isOfCds(task.config())) {
                        ours++;
                        if (!listed.contains(task.id().value()) && !isYounger(task)) {
                            gone.add(new Gone(task.id(), task.revision()));
                        }
                    }
                }
            }
            boolean believed = force || isBelievable(gone.size(), ours);
            int removed = 0;
            for (Gone task : gone) {
                if (!believed) {
                    var _ = tasks.suspend(task.id(), task.revision(), HELD_BACK);
                } else if (tasks.remove(task.id()).isPresent()) {
                    removed++;
                }
            }
            return new SyncReport(
                    began, listed.size(), saved, unchanged, removed, believed ? 0 : gone.size(), refused, refusedInAll);
        }

        /** A list that is empty or lacks much is rather a mistake of the API, such as a database that is not filled yet. */
        private boolean isBelievable(int gone, int ours) {
            if (gone == 0 || maxDelete == 100) {
                return true;
            }
            return !listed.isEmpty() && maxDelete > 0 && (gone <= FEW || gone * 100L <= (long) maxDelete * ours);
        }

        /** What the API has told us since its list was asked for is not in it; the store may have another clock. */
        private boolean isYounger(TaskRecord task) {
            Instant created = Instant.ofEpochSecond(0, task.createdAt());
            return created.isAfter(began.minus(SKEW));
        }
    }
}
