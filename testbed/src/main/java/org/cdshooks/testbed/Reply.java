package org.cdshooks.testbed;

import java.util.List;

/** What a Redis answers to a command, as RESP2 has it. */
public sealed interface Reply {
    /** A status such as {@code OK}, or a value, read as UTF-8. */
    record Text(String value) implements Reply {}

    /** A number. */
    record Whole(long value) implements Reply {}

    /** Nothing: the key is not there. */
    record Nil() implements Reply {}

    /** An error inside {@link Many}, as {@code EXEC} has them; an error in answer to a command is thrown. */
    record Failure(String message) implements Reply {}

    /** Several replies. */
    record Many(List<Reply> values) implements Reply {}

    /** Returns a text, or a number as text. Anything else is an {@link IllegalStateException}. */
    default String text() {
        return switch (this) {
            case Text text -> text.value();
            case Whole whole -> Long.toString(whole.value());
            case Nil _, Failure _, Many _ -> throw new IllegalStateException("not a text: " + this);
        };
    }

    /** Returns a number, or a text as number. Anything else is an {@link IllegalStateException}. */
    default long number() {
        return Long.parseLong(text());
    }

    /** Returns the replies in this one. Anything but {@link Many} is an {@link IllegalStateException}. */
    default List<Reply> items() {
        return switch (this) {
            case Many many -> many.values();
            case Text _, Whole _, Nil _, Failure _ -> throw new IllegalStateException("not a list: " + this);
        };
    }

    /** Returns the texts in this reply. Anything but a list of texts is an {@link IllegalStateException}. */
    default List<String> texts() {
        return items().stream().map(Reply::text).toList();
    }
}
