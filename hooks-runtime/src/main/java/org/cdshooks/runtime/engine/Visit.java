package org.cdshooks.runtime.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.cdshooks.runtime.task.Arrival;

/** One request on its way in: who sends it, how it is to be taken, and what is told of it. Safe for use by several threads. */
public final class Visit {
    private static final int MAX_STEPS = 20;
    private static final int MAX_WORDS = 300;
    private static final Pattern CONTROLS = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f]");

    private final String sender;
    private final boolean again;
    private final boolean verified;
    private final Optional<String> fallbackKey;
    private final List<Arrival.Step> steps = new ArrayList<>();

    private Visit(String sender, boolean again, boolean verified, Optional<String> fallbackKey) {
        this.sender = sender;
        this.again = again;
        this.verified = verified;
        this.fallbackKey = fallbackKey;
    }

    /**
     * Makes one for a request that comes in now.
     *
     * @param sender the address at the other end of the connection
     * @param again whether an execution is made though the delivery was seen before
     * @return a visit of which nothing is told yet
     */
    public static Visit of(String sender, boolean again) {
        return new Visit(sender, again, true, Optional.empty());
    }

    /**
     * Makes one for a request that an operator lets in.
     *
     * @param sender the address that it came from
     * @param verified false if the hook is not asked
     * @param fallbackKey names it if its hook does not, so that letting it in twice makes one execution
     */
    static Visit ofHeld(String sender, boolean verified, String fallbackKey) {
        return new Visit(sender, false, verified, Optional.of(fallbackKey));
    }

    String sender() {
        return sender;
    }

    /**
     * Tells whether an execution is made though the delivery was seen before.
     *
     * @return whether an operator asked for it
     */
    public boolean isAgain() {
        return again;
    }

    boolean isVerified() {
        return verified;
    }

    Optional<String> fallbackKey() {
        return fallbackKey;
    }

    /**
     * Tells of a step.
     *
     * @param step what was looked at
     * @param words what came of it; cut
     */
    public synchronized void explain(String step, String words) {
        if (steps.size() < MAX_STEPS) {
            steps.add(new Arrival.Step(line(step, 40), line(words, MAX_WORDS)));
        }
    }

    /**
     * Returns what was told.
     *
     * @return the steps so far
     */
    public synchronized List<Arrival.Step> steps() {
        return List.copyOf(steps);
    }

    static String line(String text, int max) {
        String cut = text.length() <= max ? text : text.substring(0, max) + "…";
        for (int i = 0; i < cut.length(); i++) {
            if (Character.isISOControl(cut.charAt(i))) {
                return CONTROLS.matcher(cut).replaceAll("?");
            }
        }
        return cut; // nearly always: this is on the way of every request
    }
}
