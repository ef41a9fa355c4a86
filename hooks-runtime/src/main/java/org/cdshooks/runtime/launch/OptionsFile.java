package org.cdshooks.runtime.launch;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers in the data directory which options each hook type has had, so that an option that an upgrade of a plugin took
 * away is told from a value that was never an option. A file that can't be read or written costs only that.
 */
final class OptionsFile {
    private static final String FILE = "plugin-options.json";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Logger LOG = LoggerFactory.getLogger(OptionsFile.class);

    private OptionsFile() {}

    /** Returns the registry with what it is told of earlier versions, and notes the options of now. */
    static PluginRegistry compare(Path dataDir, PluginRegistry plugins) {
        Map<String, Set<String>> earlier = read(dataDir.resolve(FILE));
        Map<String, Set<String>> all = new TreeMap<>(earlier);
        plugins.declaredOptions().forEach((type, options) -> {
            Set<String> union = new TreeSet<>(all.getOrDefault(type, Set.of()));
            union.addAll(options);
            all.put(type, union);
        });
        if (!all.equals(earlier)) {
            try {
                PrivateFile.replace(dataDir, FILE, JSON.writeValueAsString(all));
            } catch (IOException e) {
                LOG.warn(
                        "The options of hook types can't be noted in {}, so a later version that lacks one is not told: {}",
                        dataDir.resolve(FILE),
                        e.getMessage());
            }
        }
        return plugins.after(earlier);
    }

    private static Map<String, Set<String>> read(Path file) {
        if (!Files.exists(file)) {
            return Map.of();
        }
        try {
            return JSON.readValue(Files.readString(file), new TypeReference<TreeMap<String, Set<String>>>() {});
        } catch (IOException e) {
            LOG.warn("{} can't be read and is made anew: {}", file, e.getMessage());
            return Map.of();
        }
    }
}
