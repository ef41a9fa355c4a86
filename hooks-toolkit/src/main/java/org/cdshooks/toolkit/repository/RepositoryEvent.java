package org.cdshooks.toolkit.repository;

import java.util.Map;

/** Something that happened in a repository. Texts that nobody told are empty. */
public sealed interface RepositoryEvent permits RefChange, PullRequestChange {

    /**
     * Returns the full name of the repository, such as {@code "owner/name"}.
     *
     * @return the name
     */
    String repository();

    /**
     * Names what happened, so that learning of it twice can be told from its happening twice.
     *
     * @return the same for the same thing, whoever tells it
     */
    String key();

    /**
     * Says in one word what happened, such as {@code branch.updated}.
     *
     * @return the word
     */
    String word();

    /**
     * Returns the values that a hook event has of it, such as {@code git.branch}.
     *
     * @return a map that the caller may change
     */
    Map<String, String> names();
}
