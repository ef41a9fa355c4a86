package org.cdshooks.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cdshooks.runtime.plugin.PluginRegistry;
import org.junit.jupiter.api.Test;

final class TaskDefaultsTest {
    private final PluginRegistry plugins =
            PluginRegistry.of(List.of(FakeType.http("Web")), List.of(new FakeSink("fake")));
    private final List<String> warnings = new ArrayList<>();

    private Map<String, String> resolve(Map<String, String> given) {
        return TaskDefaults.resolve(given, plugins, warnings::add);
    }

    @Test
    void namesFromTheEnvironmentFindTheOptionsThatTheyMean() {
        assertThat(resolve(Map.of("filter_skipci", "true", "dedupe_window", "10m", "colour", "red")))
                .containsOnly(
                        Map.entry("filter.skipCi", "true"),
                        Map.entry("dedupe.window", "10m"),
                        Map.entry("colour", "red"));
        assertThat(warnings).isEmpty();
    }

    @Test
    void aNameThatIsWrittenAsDeclaredIsStronger() {
        assertThat(resolve(Map.of("filter_skipci", "true", "filter.skipCi", "false")))
                .containsOnly(Map.entry("filter.skipCi", "false"));
    }

    @Test
    void whatNobodyDeclaresIsToldWithWhatMayBeMeant() {
        assertThat(resolve(Map.of("color", "red"))).containsEntry("color", "red");
        assertThat(warnings)
                .containsExactly(
                        "defaults.color has no effect: no hook type, no sink and not the service has an option "
                                + "'color'; did you mean 'defaults.colour'?");
    }

    @Test
    void onlyADeclaredOptionThatIsNoSecretIsPublic() {
        assertThat(TaskDefaults.isPublic("colour", plugins)).isTrue();
        assertThat(TaskDefaults.isPublic("filter_skipci", plugins)).isTrue();
        assertThat(TaskDefaults.isPublic("key", plugins)).isFalse();
        assertThat(TaskDefaults.isPublic("unheard-of", plugins)).isFalse();
    }
}
