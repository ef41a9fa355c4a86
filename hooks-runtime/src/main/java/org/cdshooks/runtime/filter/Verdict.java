package org.cdshooks.runtime.filter;

import org.cdshooks.api.HookEvent;

/** What rules say of one event. */
public sealed interface Verdict {
    /**
     * It goes on.
     *
     * @param event in its new form
     */
    record Passed(HookEvent event) implements Verdict {}

    /**
     * It goes nowhere.
     *
     * @param rule the name of the option that stops it
     * @param reason why, for the user
     */
    record Stopped(String rule, String reason) implements Verdict {
        /**
         * Says all of it.
         *
         * @return rule and reason
         */
        public String told() {
            return rule + ": " + reason;
        }
    }
}
