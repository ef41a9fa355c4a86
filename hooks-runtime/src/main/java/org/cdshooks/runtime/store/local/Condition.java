package org.cdshooks.runtime.store.local;

import java.util.Optional;

/** How the place where the values are is doing, with words for the operator where something is wrong. */
sealed interface Condition {
    /** All goes on. */
    record Working() implements Condition {}

    /** There is little room: new work is refused, and what is stored goes on. */
    record NearlyFull(String words) implements Condition {}

    /**
     * Nothing can be written now, and it is tried again until it can. No work is begun; what runs is ended in memory and
     * written when there is room.
     */
    record Stalled(String words) implements Condition {}

    /** This process acknowledges nothing any more. */
    record Stopped(String words) implements Condition {}

    /** Tells what is wrong. */
    default Optional<String> problem() {
        return switch (this) {
            case Working _ -> Optional.empty();
            case NearlyFull(String words) -> Optional.of(words);
            case Stalled(String words) -> Optional.of(words);
            case Stopped(String words) -> Optional.of(words);
        };
    }
}
