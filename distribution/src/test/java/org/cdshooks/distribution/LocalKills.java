package org.cdshooks.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.cdshooks.api.TaskId;
import org.cdshooks.distribution.Ledger.Event;

/** {@code kill -9} of a service on the local store. */
final class LocalKills implements Scene {
    /** As many as a task may have under lease, and those whose ends are still on their way to the disk. */
    static final int MOST_IN_FLIGHT = 2 * 16;

    private static final Map<String, String> SETTINGS =
            Map.of("HOOKS_SINK_HTTP_ALLOW", "127.0.0.1/32", "HOOKS_RETRYDELAY", "1", "HOOKS_EXECUTIONHISTORY", "5");

    private final Clocks clocks;
    private final Ledger ledger;
    private final Place place;
    private final String task;
    private final StoreView view;

    LocalKills(Clocks clocks, Distribution distribution, Path data, Ledger ledger) throws Exception {
        this.clocks = clocks;
        this.ledger = ledger;
        this.place = new Place(distribution.serve(data, SETTINGS));
        this.task = place.service().createTask(ledger.webhook());
        this.view = StoreView.ofDirectory(data, new TaskId(task));
    }

    @Override
    public String task() {
        return task;
    }

    @Override
    public List<Place> places() {
        return List.of(place);
    }

    @Override
    public void strike(Random random) throws Exception {
        ledger.await(Event.any(random), 40 + random.nextInt(200));
        long begin = ledger.now();
        place.kill();
        ledger.killed(begin, view.unfinished());
        place.restart(clocks.next(random));
    }

    @Override
    public void close() throws IOException {
        place.close();
    }
}
