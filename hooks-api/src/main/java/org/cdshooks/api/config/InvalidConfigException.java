package org.cdshooks.api.config;

import java.io.Serial;
import java.util.List;
import java.util.stream.Collectors;

/** Thrown with all that is wrong with a configuration, not only with the first thing. */
public final class InvalidConfigException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient List<ConfigProblem> problems;

    /**
     * Creates an exception.
     *
     * @param problems at least one
     */
    public InvalidConfigException(List<ConfigProblem> problems) {
        super(problems.stream()
                .map(problem -> (problem.option().isEmpty() ? "" : problem.option() + ": ") + problem.message())
                .collect(Collectors.joining("; ")));
        this.problems = List.copyOf(problems);
    }

    /**
     * Returns all that is wrong.
     *
     * @return the problems
     */
    public List<ConfigProblem> problems() {
        return problems;
    }
}
