package org.cdshooks.toolkit.repository;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A pull or merge request that was opened, changed, merged or closed.
 *
 * @param action what happened
 * @param repository the full name of the repository that it is for
 * @param id its number in that repository
 * @param title its title
 * @param url where people look at it
 * @param from what is to be merged
 * @param to what it is to be merged into
 * @param author who opened it
 */
public record PullRequestChange(
        Action action, String repository, String id, String title, String url, Side from, Side to, Person author)
        implements RepositoryEvent {

    /** What may happen to a pull request. */
    public enum Action {
        /** It is new. */
        OPENED,
        /** It has new commits, another title or another target. */
        UPDATED,
        /** It was closed or merged, and is open again. */
        REOPENED,
        /** It was merged. */
        MERGED,
        /** It was closed and not merged. */
        CLOSED;

        /**
         * Returns the action as hook events have it.
         *
         * @return the word, in lower case
         */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One of the two branches of a pull request.
     *
     * @param repository the full name of its repository; of a fork that is gone it is empty
     * @param branch its name without {@code refs/heads/}
     * @param hash the newest commit of it
     */
    public record Side(String repository, String branch, String hash) {}

    @Override
    public String key() {
        return repository + "|" + id + "|" + action.word() + "|" + from.hash + "|" + to.branch + "|" + title;
    }

    @Override
    public String word() {
        return "pullrequest." + action.word();
    }

    @Override
    public Map<String, String> names() {
        Map<String, String> names = new TreeMap<>();
        author.putNames(names);
        names.put("git.branch", from.branch);
        names.put("git.hash", from.hash);
        names.put("git.repository", repository);
        names.put("git.from.repository", from.repository);
        names.put("git.message", title);
        names.put("git.pr.id", id);
        names.put("git.pr.title", title);
        names.put("git.pr.state", action.word());
        names.put("git.pr.url", url);
        names.put("git.pr.from.branch", from.branch);
        names.put("git.pr.from.hash", from.hash);
        names.put("git.pr.to.branch", to.branch);
        names.put("git.pr.to.hash", to.hash);
        return names;
    }
}
