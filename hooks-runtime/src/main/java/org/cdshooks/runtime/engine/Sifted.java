package org.cdshooks.runtime.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Payload;
import org.cdshooks.runtime.filter.EventRules;
import org.cdshooks.runtime.filter.Verdict;

/**
 * What the rules of a task leave of the events of one execution.
 *
 * @param events those that go on, mapped
 * @param told which do not, and why, for the user; empty if all go on
 */
record Sifted(List<HookEvent> events, String told) {
    /** How many events are told of one by one. */
    private static final int MAX_TOLD = 10;

    private static final Pattern SOME = Pattern.compile("([0-9]{1,9}) of ([0-9]{1,9}) events skipped: ");

    /** Tells by what is told whether some events went on. */
    static boolean isPartly(String told) {
        Matcher some = SOME.matcher(told);
        return some.lookingAt() && !some.group(1).equals(some.group(2));
    }

    /** Judges each event on its own. */
    static List<Verdict> judged(EventRules rules, List<HookEvent> events, Payload payload) throws InterruptedException {
        List<Verdict> verdicts = new ArrayList<>();
        for (HookEvent event : events) {
            verdicts.add(rules.isNone() ? new Verdict.Passed(event) : rules.judge(event, payload));
        }
        return List.copyOf(verdicts);
    }

    /** Puts together what was said of each event. */
    static Sifted of(List<Verdict> verdicts) {
        List<HookEvent> passed = new ArrayList<>();
        List<String> stopped = new ArrayList<>();
        for (int i = 0; i < verdicts.size(); i++) {
            switch (verdicts.get(i)) {
                case Verdict.Passed on -> passed.add(on.event());
                case Verdict.Stopped no ->
                    stopped.add(verdicts.size() == 1 ? no.told() : "event " + (i + 1) + " by " + no.told());
            }
        }
        return new Sifted(List.copyOf(passed), told(stopped, verdicts.size()));
    }

    private static String told(List<String> stopped, int all) {
        if (stopped.isEmpty()) {
            return "";
        }
        if (all == 1) {
            return Texts.cut("skipped by " + stopped.getFirst());
        }
        String some = stopped.stream().limit(MAX_TOLD).collect(Collectors.joining("; "));
        return Texts.cut(
                stopped.size() + " of " + all + " events skipped: " + some + (stopped.size() > MAX_TOLD ? "; …" : ""));
    }
}
