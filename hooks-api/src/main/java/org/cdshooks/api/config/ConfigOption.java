package org.cdshooks.api.config;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One option of a hook type: its name, its type, its documentation and its checks. Immutable; each
 * method that changes something returns a copy.
 *
 * <p>Keep options in constants and read them with {@link HookConfig#get}:
 *
 * {@snippet file="org/cdshooks/api/snippets/SnippetsTest.java" region="options"}
 *
 * @param <T> the type of its values
 */
public final class ConfigOption<T> {

    /** How a form or a document shows an option. More kinds may come. */
    public enum Kind {
        /** A line of text. */
        STRING,
        /** A whole number. */
        INTEGER,
        /** True or false. */
        BOOLEAN,
        /** A time such as {@code 500ms}, {@code 30s}, {@code 5m}, {@code 12h}, {@code 2d} or {@code PT1H30M}. */
        DURATION,
        /** One of {@link #choices}. */
        CHOICE,
        /** A line of text that is never shown. */
        SECRET
    }

    private static final Pattern SHORT_DURATION = Pattern.compile("([0-9]{1,12}) *(ms|s|m|h|d)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9]*([._ -][A-Za-z0-9]+)*");

    private final String name;
    private final String description;
    private final Kind kind;
    private final Function<String, T> parser;
    private final List<String> choices;
    private final boolean required;
    private final @Nullable T defaultValue;
    private final Function<T, Optional<String>> check;

    private ConfigOption(
            String name,
            String description,
            Kind kind,
            Function<String, T> parser,
            List<String> choices,
            boolean required,
            @Nullable T defaultValue,
            Function<T, Optional<String>> check) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("option name '" + name + "' does not match " + NAME);
        }
        if (description.isBlank()) {
            throw new IllegalArgumentException("option '" + name + "' has no description");
        }
        this.name = name;
        this.description = description;
        this.kind = kind;
        this.parser = parser;
        this.choices = List.copyOf(choices);
        this.required = required;
        this.defaultValue = defaultValue;
        this.check = check;
        if (defaultValue != null) {
            requireSound(defaultValue);
        }
    }

    /** A default that no task could give is a mistake of the author, so it shows when the type is loaded. */
    private void requireSound(T value) {
        if (kind == Kind.CHOICE && !choices.contains(String.valueOf(value))) {
            throw new IllegalArgumentException("the default of option '" + name + "' must be one of " + choices);
        }
        check.apply(value).ifPresent(message -> {
            throw new IllegalArgumentException("the default of option '" + name + "': " + message);
        });
    }

    private static <T> ConfigOption<T> of(
            String name, String description, Kind kind, List<String> choices, Function<String, T> parser) {
        return new ConfigOption<>(name, description, kind, parser, choices, false, null, value -> Optional.empty());
    }

    /**
     * Declares a line of text.
     *
     * @param name letters and digits; words may be joined by a dot, a dash, a space or an underscore
     * @param description one sentence for users
     * @return an option that may be left out
     */
    public static ConfigOption<String> string(String name, String description) {
        return of(name, description, Kind.STRING, List.of(), Function.identity());
    }

    /**
     * Declares a whole number.
     *
     * @param name letters and digits; words may be joined by a dot, a dash, a space or an underscore
     * @param description one sentence for users
     * @return an option that may be left out
     */
    public static ConfigOption<Integer> integer(String name, String description) {
        return of(name, description, Kind.INTEGER, List.of(), text -> Integer.valueOf(text.strip()));
    }

    /**
     * Declares a switch.
     *
     * @param name letters and digits; words may be joined by a dot, a dash, a space or an underscore
     * @param description one sentence for users
     * @return an option that may be left out
     */
    public static ConfigOption<Boolean> bool(String name, String description) {
        return of(name, description, Kind.BOOLEAN, List.of("true", "false"), text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("must be true or false");
        });
    }

    /**
     * Declares a duration.
     *
     * @param name letters and digits; words may be joined by a dot, a dash, a space or an underscore
     * @param description one sentence for users
     * @return an option that may be left out
     */
    public static ConfigOption<Duration> duration(String name, String description) {
        return of(name, description, Kind.DURATION, List.of(), ConfigOption::parseDuration);
    }

    /**
     * Declares a secret.
     *
     * @param name letters and digits; words may be joined by a dot, a dash, a space or an underscore
     * @param description one sentence for users
     * @return an option that may be left out
     */
    public static ConfigOption<Secret> secret(String name, String description) {
        return of(name, description, Kind.SECRET, List.of(), Secret::of);
    }

    /**
     * Declares a choice from a list.
     *
     * @param name letters and digits; words may be joined by a dot, a dash, a space or an underscore
     * @param description one sentence for users
     * @param choices the values to choose from
     * @return an option that may be left out
     */
    public static ConfigOption<String> choice(String name, String description, String... choices) {
        List<String> all = List.of(choices);
        return of(name, description, Kind.CHOICE, all, text -> {
            if (!all.contains(text)) {
                throw new IllegalArgumentException("must be one of " + all
                        + Names.nearest(text, all)
                                .map(near -> "; did you mean '" + near + "'?")
                                .orElse(""));
            }
            return text;
        });
    }

    /**
     * Makes the option one that must be given.
     *
     * @return a copy
     */
    public ConfigOption<T> required() {
        return new ConfigOption<>(name, description, kind, parser, choices, true, null, check);
    }

    /**
     * Sets the value to use if none is given.
     *
     * @param value the default
     * @return a copy that may be left out
     * @throws IllegalArgumentException if the default is none of the choices or does not pass a check
     */
    public ConfigOption<T> withDefault(T value) {
        requireNonNull(value, "value");
        return new ConfigOption<>(name, description, kind, parser, choices, false, value, check);
    }

    /**
     * Adds a check; earlier ones stay. A check is pure and quick: it is called whenever a configuration is read.
     *
     * @param valid tells whether a value is right
     * @param message what is right, such as {@code "must be at least PT10S"}; users see it behind the name of the option
     *     and, unless the option is a secret, with the value
     * @return a copy
     * @throws IllegalArgumentException if the default does not pass
     */
    public ConfigOption<T> where(Predicate<T> valid, String message) {
        Function<T, Optional<String>> both =
                value -> check.apply(value).or(() -> valid.test(value) ? Optional.empty() : Optional.of(message));
        return new ConfigOption<>(name, description, kind, parser, choices, required, defaultValue, both);
    }

    /**
     * Returns the name.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Returns one sentence for users.
     *
     * @return the description
     */
    public String description() {
        return description;
    }

    /**
     * Returns how a form shows the option.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the values to choose from.
     *
     * @return the choices; empty if the option is no choice
     */
    public List<String> choices() {
        return choices;
    }

    /**
     * Tells whether the option must be given.
     *
     * @return true if it must
     */
    public boolean isRequired() {
        return required;
    }

    /**
     * Returns the value used if none is given.
     *
     * @return the default, if there is one
     */
    public Optional<T> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    /** A secret is not repeated in a message, and neither is a long text. */
    private String shown(String text) {
        if (kind == Kind.SECRET) {
            return "the value";
        }
        return text.length() <= 60 ? "'" + text + "'" : "'" + text.substring(0, 60) + "…'";
    }

    private String given(String text) {
        return kind == Kind.SECRET ? "" : " (given: " + shown(text) + ")";
    }

    private String wanted() {
        return switch (kind) {
            case INTEGER -> "whole number";
            case DURATION -> "duration such as 30s, 5m, 12h or PT1H30M";
            case STRING, BOOLEAN, CHOICE, SECRET -> kind.name().toLowerCase(Locale.ROOT);
        };
    }

    private static Duration parseDuration(String text) {
        Matcher matcher = SHORT_DURATION.matcher(text.strip());
        if (!matcher.matches()) {
            return Duration.parse(text.strip());
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /**
     * Reads and checks a value.
     *
     * @param text the value as written
     * @return the value
     * @throws IllegalArgumentException if it is wrong; the message says what would be right
     */
    T parse(String text) {
        T value;
        try {
            value = parser.apply(text);
        } catch (NumberFormatException | DateTimeParseException e) {
            throw new IllegalArgumentException(shown(text) + " is no " + wanted(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + given(text), e);
        }
        check.apply(value).ifPresent(message -> {
            throw new IllegalArgumentException(message + given(text));
        });
        return value;
    }
}
