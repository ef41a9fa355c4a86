package org.cdshooks.runtime.filter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.cdshooks.api.HookEvent;
import org.cdshooks.api.Payload;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Names;

/**
 * The rules of one task for its events, whatever its type: filters, which look at an event as its type made it, and then a
 * mapping, which changes it. Immutable; any thread may use it.
 */
public final class EventRules {
    /** The rules of a task that has none. */
    public static final EventRules NONE = new EventRules(
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            new Mapping(Optional.empty(), Map.of(), Map.of()));

    /** The option that lets commits ask for silence. */
    public static final ConfigOption<Boolean> SKIP_CI = ConfigOption.bool(
            "filter.skipCi", "Whether events are filtered out whose git.message has [skip ci] or [ci skip] in it.");

    /** The option with globs over branches. */
    public static final ConfigOption<String> BRANCHES = ConfigOption.string(
            "filter.branches",
            "Of which branches events go on: globs with commas between, ! before those that exclude; the last that matches "
                    + "decides.");

    /** The option with globs over paths. */
    public static final ConfigOption<String> PATHS = ConfigOption.string(
            "filter.paths",
            "Of which paths at least one must have changed, if an event tells any: globs as those of filter.branches.");

    /** The option that says where an event has its paths. */
    public static final ConfigOption<String> PATHS_IN = ConfigOption.string(
            "filter.paths.in",
            "Which values of an event are paths, one in a line: globs over their names; git.paths if not given.");

    /** The option with an expression. */
    public static final ConfigOption<String> EXPRESSION = ConfigOption.string(
            "filter", "Which events go on, by their values and headers: an expression such as git.branch == 'main'.");

    /** The option with globs over names of values that are left out. */
    public static final ConfigOption<String> DROP = ConfigOption.string(
            "map.drop", "Which values events go without: globs over their names, ! before those that stay.");

    /** How names begin that have the name of a value behind them, which gets the text or template. */
    public static final String SET = "map.set.";

    /** How names begin that have the name of a value behind them, which gets another name. */
    public static final String RENAME = "map.rename.";

    /** All options that have one name; they need no check but {@link #read}. */
    public static final List<ConfigOption<?>> OPTIONS = List.of(EXPRESSION, BRANCHES, PATHS, PATHS_IN, SKIP_CI, DROP);

    private static final String BRANCH = "git.branch";
    private static final String MESSAGE = "git.message";
    private static final String DEFAULT_PATHS = "git.paths";
    private static final int MAX_MAPPED = 100;

    private final boolean skipCi;
    private final Optional<Globs> branches;
    private final Optional<Globs> paths;
    private final Optional<Globs> pathsIn;
    private final Optional<Expression> expression;
    private final Mapping mapping;

    private EventRules(
            boolean skipCi,
            Optional<Globs> branches,
            Optional<Globs> paths,
            Optional<Globs> pathsIn,
            Optional<Expression> expression,
            Mapping mapping) {
        this.skipCi = skipCi;
        this.branches = branches;
        this.paths = paths;
        this.pathsIn = pathsIn;
        this.expression = expression;
        this.mapping = mapping;
    }

    // ------------------------------------------------------------------------------------------------ reading

    /**
     * Tells whether a name of a task's config belongs to the rules; types that declare it themselves go first.
     *
     * @param name the name of an option
     * @return whether it is read, or refused, here
     */
    public static boolean claims(String name) {
        return name.equals(EXPRESSION.name()) || name.startsWith("filter.") || name.startsWith("map.");
    }

    /**
     * Reads the rules of a task.
     *
     * @param config the options of {@link #OPTIONS} and, as extras, the others that {@linkplain #claims belong} here
     * @param isHidden tells by its name whether the value of a header is not kept, so that no rule can read it
     * @param problems takes all that is wrong
     * @return the rules; of those that are wrong, nothing
     */
    public static EventRules read(HookConfig config, Predicate<String> isHidden, List<ConfigProblem> problems) {
        Reader reader = new Reader(config, problems);
        EventRules rules = new EventRules(
                config.find(SKIP_CI).orElse(false),
                reader.option(BRANCHES, Globs::of),
                reader.option(PATHS, Globs::of),
                reader.option(PATHS_IN, Globs::overNames),
                reader.option(EXPRESSION, text -> Expression.of(text, isHidden)),
                new Mapping(
                        reader.option(DROP, Globs::overNames),
                        reader.renamed(),
                        reader.named(SET, text -> Template.of(text, isHidden))));
        reader.refuseOthers();
        return rules.isNone() ? NONE : rules;
    }

    @FunctionalInterface
    private interface Parser<T> {
        T parse(String text) throws SyntaxException;
    }

    private record Reader(HookConfig config, List<ConfigProblem> problems) {
        <T> Optional<T> option(ConfigOption<String> option, Parser<T> parser) {
            return config.find(option).flatMap(text -> parsed(option.name(), text, parser));
        }

        private <T> Optional<T> parsed(String name, String text, Parser<T> parser) {
            try {
                return Optional.of(parser.parse(text));
            } catch (SyntaxException e) {
                problems.add(new ConfigProblem(name, e.problem()));
                return Optional.empty();
            }
        }

        <T> Map<String, T> named(String prefix, Parser<T> parser) {
            Map<String, T> named = new HashMap<>();
            config.extras().forEach((option, text) -> {
                if (!option.startsWith(prefix)) {
                    return;
                }
                String name = option.substring(prefix.length());
                if (name.isBlank()) {
                    problems.add(new ConfigProblem(option, "has no name of a value behind the last dot"));
                } else if (named.size() == MAX_MAPPED) {
                    problems.add(new ConfigProblem(option, "is one too many: there may be " + MAX_MAPPED));
                } else {
                    parsed(option, text, parser).ifPresent(value -> named.put(name, value));
                }
            });
            return named;
        }

        Map<String, String> renamed() {
            Map<String, String> renamed = named(RENAME, text -> {
                if (text.isBlank() || text.length() > 255) {
                    throw new SyntaxException("must be the new name of the value, of 1 to 255 characters");
                }
                return text.strip();
            });
            Set<String> taken = new HashSet<>();
            renamed.forEach((old, now) -> {
                if (!taken.add(now)) {
                    problems.add(new ConfigProblem(RENAME + old, "another value is named '" + now + "' as well"));
                }
            });
            return renamed;
        }

        void refuseOthers() {
            List<String> known = new ArrayList<>();
            OPTIONS.forEach(option -> known.add(option.name()));
            for (String name : config.extras().keySet()) {
                if (claims(name) && !name.startsWith(SET) && !name.startsWith(RENAME)) {
                    String meant = Names.nearest(name, known)
                            .map(near -> "; did you mean '" + near + "'?")
                            .orElse("");
                    problems.add(new ConfigProblem(
                            name, "is no option; those of filters and mapping are " + shown(known) + meant));
                }
            }
        }

        private static String shown(Collection<String> known) {
            return String.join(", ", known) + ", " + SET + "<name> and " + RENAME + "<name>";
        }
    }

    // ------------------------------------------------------------------------------------------------ judging

    /**
     * Tells whether there is no rule.
     *
     * @return true if all events go on as they are
     */
    public boolean isNone() {
        return !skipCi && branches.isEmpty() && paths.isEmpty() && expression.isEmpty() && mapping.isNone();
    }

    /**
     * Judges one event.
     *
     * @param event as its type made it
     * @param payload what it was made of, whose attributes are the headers of a request
     * @return whether it goes on, and how
     * @throws InterruptedException if told to stop
     */
    public Verdict judge(HookEvent event, Payload payload) throws InterruptedException {
        Subject subject = Subject.of(event, payload);
        Optional<Verdict> stopped = bySkipCi(subject).or(() -> byBranch(subject));
        if (stopped.isEmpty()) {
            stopped = byPath(subject);
        }
        if (stopped.isEmpty() && expression.isPresent() && !expression.get().holds(subject)) {
            stopped = Optional.of(
                    new Verdict.Stopped(EXPRESSION.name(), expression.get().whyNot(subject)));
        }
        return stopped.orElseGet(() -> new Verdict.Passed(mapping.isNone() ? event : mapping.of(subject)));
    }

    private Optional<Verdict> bySkipCi(Subject subject) {
        if (!skipCi) {
            return Optional.empty();
        }
        String message = subject.value(MESSAGE).orElse("").toLowerCase(Locale.ROOT);
        for (String mark : List.of("[skip ci]", "[ci skip]")) {
            if (message.contains(mark)) {
                return Optional.of(new Verdict.Stopped(SKIP_CI.name(), MESSAGE + " has " + mark + " in it"));
            }
        }
        return Optional.empty();
    }

    private Optional<Verdict> byBranch(Subject subject) {
        if (branches.isEmpty()) {
            return Optional.empty();
        }
        Globs globs = branches.get();
        Optional<String> branch = subject.value(BRANCH);
        if (branch.isEmpty()) {
            return globs.onlyExcludes()
                    ? Optional.empty()
                    : Optional.of(new Verdict.Stopped(BRANCHES.name(), "the event has no " + BRANCH));
        }
        return globs.admit(branch.get())
                ? Optional.empty()
                : Optional.of(new Verdict.Stopped(
                        BRANCHES.name(), "branch " + Quoted.of(branch.get()) + " " + globs.whyNot(branch.get())));
    }

    private Optional<Verdict> byPath(Subject subject) throws InterruptedException {
        if (paths.isEmpty()) {
            return Optional.empty();
        }
        String first = "";
        int count = 0;
        for (Map.Entry<String, String> value : subject.values().entrySet()) {
            if (!isPath(value.getKey())) {
                continue;
            }
            for (String path : value.getValue().split("\n", -1)) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (path.isBlank()) {
                    continue;
                }
                if (paths.get().admit(path.strip())) {
                    return Optional.empty();
                }
                first = count++ == 0 ? path.strip() : first;
            }
        }
        if (count == 0) {
            return Optional.empty(); // the event does not tell: better one too many than one that is lost
        }
        String which = count == 1 ? "path " : "none of " + count + " paths is taken; the first, ";
        return Optional.of(new Verdict.Stopped(
                PATHS.name(),
                which
                        + Quoted.of(first)
                        + (count == 1 ? " " : ", ")
                        + paths.get().whyNot(first)));
    }

    private boolean isPath(String name) {
        return pathsIn.isPresent() ? pathsIn.get().admit(name) : name.equals(DEFAULT_PATHS);
    }
}
