package org.cdshooks.runtime.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.HttpCall;
import org.cdshooks.runtime.task.HeldRequest;

/** A request out of the quarantine as its hook sees it. */
record HeldCall(HeldRequest held) implements HttpCall {
    @Override
    public String method() {
        return held.method();
    }

    @Override
    public String path() {
        return held.path();
    }

    @Override
    public String query() {
        return held.query();
    }

    @Override
    public Map<String, List<String>> headers() {
        return held.headers();
    }

    @Override
    public byte[] body() {
        return held.body().clone();
    }

    @Override
    public Optional<Instant> receivedAt() {
        return Optional.of(Instant.ofEpochSecond(0, held.at()));
    }
}
