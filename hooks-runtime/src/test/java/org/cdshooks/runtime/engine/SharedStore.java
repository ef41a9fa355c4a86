package org.cdshooks.runtime.engine;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.TaskChangeListener;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.TaskRecord;

/** One store as several nodes see it: each has a view of its own, which can be cut off, and hears of the others' changes. */
final class SharedStore {
    private static final Set<String> LOCAL = Set.of("onWork", "onTaskChange", "maxSleep", "close");

    private final TaskStore store;
    private final List<View> views = new CopyOnWriteArrayList<>();

    /** Whether the news of changes and of work get lost. */
    volatile boolean newsAreLost;

    /** What is done before a method is called the next time, by its name. */
    final Map<String, Runnable> before = new ConcurrentHashMap<>();

    SharedStore(TaskStore store) {
        this.store = store;
        store.onWork(() -> {
            if (!newsAreLost) {
                views.forEach(view -> view.onWork.run());
            }
        });
    }

    /** What one node sees. */
    final class View {
        private volatile Runnable onWork = () -> {};
        private volatile TaskChangeListener onChange = ChangesElsewhere.NOBODY;

        /** Whether the store can't be reached from here. */
        volatile boolean away;

        final TaskStore store = (TaskStore) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TaskStore.class},
                (proxy, method, arguments) -> call(method, arguments));

        private Object call(Method method, Object[] arguments) throws Throwable {
            Runnable first = before.remove(method.getName());
            if (first != null) {
                first.run();
            }
            if (away && !LOCAL.contains(method.getName())) {
                throw new StoreUnavailableException("the store is away", false);
            }
            switch (method.getName()) {
                case "onWork" -> onWork = (Runnable) arguments[0];
                case "onTaskChange" -> onChange = (TaskChangeListener) arguments[0];
                case "maxSleep" -> {
                    return Duration.ofSeconds(1);
                }
                case "close" -> {
                    return null;
                }
                default -> {
                    try {
                        Object result = method.invoke(SharedStore.this.store, arguments);
                        changed(method.getName(), arguments, result).ifPresent(this::tellOthers);
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }
            }
            return null;
        }

        private void tellOthers(TaskId id) {
            for (View view : views) {
                if (view != this && !newsAreLost) {
                    view.onChange.changed(id);
                }
            }
        }

        void tellThatNewsWereMissed() {
            onChange.missed();
        }
    }

    private static Optional<TaskId> changed(String method, Object[] arguments, Object result) {
        return switch (method) {
            case "putTask" -> Optional.of(((TaskRecord) arguments[0]).id());
            case "replaceTask" ->
                Optional.of(((TaskRecord) arguments[1]).id()).filter(id -> ((Optional<?>) result).isPresent());
            case "removeTask" -> Optional.of((TaskId) arguments[0]).filter(id -> (boolean) result);
            default -> Optional.empty();
        };
    }

    View view() {
        View view = new View();
        views.add(view);
        return view;
    }
}
