package org.cdshooks.testkit;

import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.api.HookContext;
import org.cdshooks.api.TaskId;

record FakeHookContext(InstantSource clock, Map<Class<?>, Object> services, URI endpoint) implements HookContext {

    FakeHookContext(InstantSource clock, Map<Class<?>, Object> services, TaskId task) {
        this(clock, Map.copyOf(services), URI.create("http://localhost/webhook/" + task));
    }

    @Override
    public <S> Optional<S> service(Class<S> type) {
        return Optional.ofNullable(services.get(type)).map(type::cast);
    }
}
