package org.cdshooks.runtime.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.Function;
import org.cdshooks.runtime.cds.HookReader;

/**
 * Reads hooks as {@code POST /task/bulk} does.
 *
 * @param typeOfModel finds the hook type that serves a CDS hook model, by the model's name
 */
public record CdsHookReader(Function<String, Optional<String>> typeOfModel) implements HookReader {
    @Override
    public Read read(ObjectNode hook) {
        TaskBody body = TaskBody.of(hook, typeOfModel::apply);
        return new Read(body.uuid(), body.type(), body.config(), body.problems());
    }
}
