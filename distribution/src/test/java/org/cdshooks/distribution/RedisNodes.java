package org.cdshooks.distribution;

import static org.cdshooks.distribution.Distribution.waitUntil;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.cdshooks.api.TaskId;
import org.cdshooks.distribution.StoreView.Unfinished;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.store.redis.RedisOptions;
import org.cdshooks.runtime.store.redis.RedisStores;

/** Some nodes of the service that share a Redis, a task on them, and a way past them to what Redis holds. */
final class RedisNodes implements AutoCloseable {
    private final List<Place> places = new ArrayList<>();
    private final TaskStore store;
    private final String task;
    private final StoreView view;

    /**
     * Starts them.
     *
     * @param uris the address of Redis for each node
     * @param direct how Redis is looked into
     * @param more settings beside those that all nodes of tests have
     */
    RedisNodes(
            Distribution distribution,
            Path data,
            Ledger ledger,
            List<String> uris,
            RedisOptions direct,
            Map<String, String> more)
            throws Exception {
        store = RedisStores.open(direct);
        try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Service>> starting = new ArrayList<>();
            for (int i = 0; i < uris.size(); i++) {
                String uri = uris.get(i);
                Path own = data.resolve("node" + i);
                starting.add(starters.submit(() -> distribution.serveOn(uri, own, more)));
            }
            for (Future<Service> each : starting) {
                places.add(new Place(each.get()));
            }
        }
        task = places.getFirst().service().createTask(ledger.webhook());
        view = StoreView.of(store, new TaskId(task));
    }

    String task() {
        return task;
    }

    List<Place> places() {
        return List.copyOf(places);
    }

    StoreView view() {
        return view;
    }

    /** Waits until none of it is unfinished any more: other nodes have done what a silent one had under lease. */
    void awaitEndOf(Unfinished work) throws InterruptedException {
        waitUntil("others have done the work of a silent node", () -> {
            try {
                return Collections.disjoint(view.unfinished().all(), work.all());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    @Override
    public void close() throws IOException {
        for (Place place : places) {
            place.close();
        }
        store.close();
    }
}
