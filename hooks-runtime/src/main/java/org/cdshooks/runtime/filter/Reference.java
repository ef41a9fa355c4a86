package org.cdshooks.runtime.filter;

import java.util.Optional;

/** What a rule reads of an event. */
sealed interface Reference {
    /** A value of the event. */
    record Value(String name) implements Reference {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A header of the request that brought the event. */
    record Header(String name) implements Reference {
        @Override
        public String toString() {
            return "header(" + name + ")";
        }
    }

    /** What the service itself says, in the answer to a sender. */
    record Own(String name) implements Reference {
        @Override
        public String toString() {
            return name;
        }
    }

    default Optional<String> of(Subject subject) {
        return switch (this) {
            case Value value -> subject.value(value.name());
            case Header header -> subject.header(header.name());
            case Own own -> Optional.empty();
        };
    }
}
