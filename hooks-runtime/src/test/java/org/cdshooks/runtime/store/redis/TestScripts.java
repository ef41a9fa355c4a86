package org.cdshooks.runtime.store.redis;

import java.util.Map;
import java.util.function.UnaryOperator;

/** The scripts that tests of this package run: those of the store, unless somebody has put others in their place. */
final class TestScripts {
    private static volatile UnaryOperator<String> source = Script::resource;

    private TestScripts() {}

    static Map<Script, Script.Text> load(RedisKeys keys) {
        return Script.load(keys, source);
    }

    /** Reads scripts from elsewhere from now on, in all tests of this JVM. */
    static void replace(UnaryOperator<String> newSource) {
        source = newSource;
    }

    static void restore() {
        source = Script::resource;
    }
}
