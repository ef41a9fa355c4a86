package org.cdshooks.testbed;

/** What tests need that the build does not bring on every machine. */
public final class Tools {
    private Tools() {}

    /**
     * Tells whether a test that needs a tool is to go on. On a person's machine that lacks the tool, the test is skipped. In
     * CI the test goes on, and so fails: a test that never runs proves nothing.
     */
    public static boolean isThereOrInCi(boolean isThere) {
        return isThere || System.getenv("CI") != null;
    }
}
