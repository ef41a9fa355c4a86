package org.cdshooks.runtime.plugin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * What the manifests of a plugin's jars say of it. Read before a class is loaded.
 *
 * @param name {@code Hooks-Plugin-Name}, else the name that was found
 * @param version {@code Hooks-Plugin-Version}, else empty
 * @param problems why the plugin does not fit
 * @param warnings what is odd
 * @param quietLoggers {@code Hooks-Quiet-Loggers}, of all jars
 */
record PluginManifest(
        String name, String version, List<String> problems, List<String> warnings, List<String> quietLoggers) {
    static final String NAME = "Hooks-Plugin-Name";
    static final String VERSION = "Hooks-Plugin-Version";
    static final String API = "Hooks-Api-Version";
    static final String QUIET = "Hooks-Quiet-Loggers";

    /** The version of the API that this runtime has: its major version, within which it only grows. */
    static final int API_VERSION = 1;

    /**
     * Reads the manifests. Every jar may name the API's version, and all must fit; name and version are those of the
     * first jar that gives a name.
     */
    static PluginManifest read(String foundName, List<HeldJar> jars) throws IOException {
        String name = "";
        String version = "";
        String namedBy = "";
        boolean apiGiven = false;
        List<String> problems = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        List<String> quiet = new ArrayList<>();
        for (HeldJar jar : jars) {
            Manifest manifest = jar.getManifest();
            if (manifest == null) {
                continue;
            }
            Attributes main = manifest.getMainAttributes();
            String ownName = value(main, NAME);
            if (!ownName.isEmpty() && name.isEmpty()) {
                name = ownName;
                version = value(main, VERSION);
                namedBy = jar.fileName();
            } else if (!ownName.isEmpty()) {
                warnings.add(namedBy + " and " + jar.fileName()
                        + " are two plugins in one directory and share a class loader; give each its own");
            }
            String api = value(main, API);
            if (!api.isEmpty()) {
                apiGiven = true;
                checkApi(jar, api, problems);
            }
            quiet.addAll(List.of(value(main, QUIET).strip().split("[\\s,]+")));
        }
        quiet.removeIf(String::isEmpty);
        if (problems.isEmpty() && (name.isEmpty() || !apiGiven)) {
            warnings.add("no " + (name.isEmpty() ? NAME : API) + " in the manifest" + (jars.size() == 1 ? "" : "s")
                    + ", so whether it fits this API (version " + API_VERSION + ") is found out only when it is used");
        }
        return new PluginManifest(name.isEmpty() ? foundName : name, version, problems, warnings, quiet);
    }

    private static void checkApi(HeldJar jar, String api, List<String> problems) {
        String major = api.split("\\.", 2)[0];
        if (!major.matches("[0-9]{1,6}")) {
            problems.add(jar.fileName() + " says " + API + ": " + api + ", which is no version; this service has API "
                    + API_VERSION);
        } else if (Integer.parseInt(major) != API_VERSION) {
            problems.add("built for API version " + api + " (" + API + " in " + jar.fileName()
                    + "), and this service has version " + API_VERSION + "; "
                    + (Integer.parseInt(major) > API_VERSION
                            ? "take a newer service or an older plugin"
                            : "take a newer plugin"));
        }
    }

    private static String value(Attributes attributes, String key) {
        @Nullable String value = attributes.getValue(key);
        return value == null ? "" : Failures.oneLine(value);
    }
}
