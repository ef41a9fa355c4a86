package org.cdshooks.runtime;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.cdshooks.runtime.plugin.PluginLoader;
import org.junit.jupiter.api.Test;

/** Who may see whom. */
final class LayersTest {
    private static final String ROOT = "org.cdshooks.runtime";

    /** Top down: each may see those behind it, and none before it. */
    private static final List<String> LAYERS =
            List.of("launch", "http", "cds", "engine", "filter", "sink", "plugin", "store", "task");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void everyPackageIsALayer() {
        Set<String> packages = new TreeSet<>();
        CLASSES.forEach(type ->
                packages.add(type.getPackageName().substring(ROOT.length()).replaceFirst("^\\.([^.]*).*", "$1")));

        assertThat(packages)
                .as("packages right below " + ROOT)
                .contains("plugin", "task")
                .isSubsetOf(LAYERS);
    }

    @Test
    void noLayerSeesOneAboveIt() {
        for (int i = 1; i < LAYERS.size(); i++) {
            String[] above =
                    LAYERS.subList(0, i).stream().map(LayersTest::layer).toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(layer(LAYERS.get(i)))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void layersHaveNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyTheHttpLayerAndTheLauncherSeeTheWebServer() {
        onlyThese("io.helidon..", "http", "launch");
    }

    @Test
    void onlyTheStoreSeesDatabases() {
        onlyThese("org.h2..", "store");
        onlyThese("io.lettuce..", "store");
    }

    @Test
    void onlyWhatCallsOthersSeesTheHttpClient() {
        onlyThese("org.apache.hc..", "sink", "cds");
    }

    @Test
    void onlyFiltersSeeRegularExpressionsOfOthersThanTheJdk() {
        onlyThese("com.google.re2j..", "filter");
    }

    @Test
    void nobodySeesAPluginOrWhatPluginsShare() {
        onlyThese("org.cdshooks.plugin..");
        onlyThese("org.cdshooks.plugins..");
        onlyThese("org.cdshooks.toolkit..");
        onlyThese("org.cdshooks.testkit..");
    }

    @Test
    void nobodySleeps() {
        noClasses()
                .should()
                .callMethodWhere(target(owner(assignableTo(Thread.class))).and(target(name("sleep"))))
                .orShould()
                .callMethodWhere(target(owner(assignableTo(TimeUnit.class))).and(target(name("sleep"))))
                .because("waiting is done on conditions, with a clock that tests can turn")
                .check(CLASSES);
    }

    @Test
    void theseRulesCanFail() {
        // the loader sees SLF4J, and this test class sees a layer
        assertThatThrownBy(() -> onlyThese("org.slf4j..", "http")).isInstanceOf(AssertionError.class);
        JavaClasses tests = new ClassFileImporter().importClasses(LayersTest.class, PluginLoader.class);
        assertThatThrownBy(() -> noClasses()
                        .that()
                        .resideInAPackage(ROOT)
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(layer("plugin"))
                        .check(tests))
                .isInstanceOf(AssertionError.class);
    }

    private static void onlyThese(String library, String... layers) {
        String[] allowed = List.of(layers).stream().map(LayersTest::layer).toArray(String[]::new);
        noClasses()
                .that()
                .resideOutsideOfPackages(allowed)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CLASSES);
    }

    private static String layer(String name) {
        return ROOT + "." + name + "..";
    }
}
