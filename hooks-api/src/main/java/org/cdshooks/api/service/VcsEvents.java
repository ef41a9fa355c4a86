package org.cdshooks.api.service;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.cdshooks.api.Experimental;
import org.cdshooks.api.ProvidedByRuntime;
import org.cdshooks.api.TaskId;

/**
 * What happened in the repository of a task, asked of a host that knows the repository and its credentials. The CDS API is
 * such a host: it polls the version control server itself each time that it is asked.
 *
 * <p>Texts that the host leaves out are empty.
 */
@ProvidedByRuntime
@Experimental(decideBy = "1.2")
public interface VcsEvents {

    /**
     * Asks what happened. A host may tell an event again that it told before.
     *
     * @param query whose repository, and since when
     * @return what happened, which may be nothing
     * @throws ServiceException if the host did not tell: its {@linkplain ServiceException#kind kind} says whether asking
     *     again may help
     * @throws InterruptedException if told to stop meanwhile; let it out
     */
    Answer ask(Query query) throws ServiceException, InterruptedException;

    /**
     * Whose repository, and since when.
     *
     * @param task the task that asks, whose repository the host knows by its id
     * @param workflow the id of its workflow: the task's extra {@code workflow_id}
     * @param server the name under which the host knows the version control server
     * @param lastDone when the task's last execution that is done was due; empty if there was none
     */
    record Query(TaskId task, String workflow, String server, Optional<Instant> lastDone) {
        /** Checks that nothing is missing. */
        public Query {
            requireNonNull(task, "task");
            requireNonNull(workflow, "workflow");
            requireNonNull(server, "server");
            requireNonNull(lastDone, "lastDone");
        }
    }

    /**
     * What happened. Lists are in the order of the host.
     *
     * @param pushes branches and tags with new commits
     * @param created branches and tags that are new
     * @param deleted branches and tags that are gone; of them often only the {@linkplain Change#ref ref} is known
     * @param pullRequests pull requests that were opened or changed
     * @param nextPoll how long to wait before asking again; empty if the host has no wish
     */
    record Answer(
            List<Change> pushes,
            List<Change> created,
            List<Change> deleted,
            List<PullRequest> pullRequests,
            Optional<Duration> nextPoll) {
        /** Copies the lists. */
        public Answer {
            pushes = List.copyOf(pushes);
            created = List.copyOf(created);
            deleted = List.copyOf(deleted);
            pullRequests = List.copyOf(pullRequests);
            requireNonNull(nextPoll, "nextPoll");
        }
    }

    /**
     * What happened to one branch or tag.
     *
     * @param repository the full name of the repository, such as {@code "owner/name"}
     * @param ref the branch or tag as the host shows it, with or without {@code refs/heads/}; tags have {@code refs/tags/}
     * @param commit the newest commit
     */
    record Change(String repository, String ref, Commit commit) {
        /** Checks that nothing is missing. */
        public Change {
            requireNonNull(repository, "repository");
            requireNonNull(ref, "ref");
            requireNonNull(commit, "commit");
        }
    }

    /**
     * One commit.
     *
     * @param hash its hash
     * @param author who wrote it
     * @param message its message, which may have several lines
     * @param url where people can look at it
     */
    record Commit(String hash, Author author, String message, String url) {
        /** Checks that nothing is missing. */
        public Commit {
            requireNonNull(hash, "hash");
            requireNonNull(author, "author");
            requireNonNull(message, "message");
            requireNonNull(url, "url");
        }
    }

    /**
     * Who wrote a commit.
     *
     * @param name the name
     * @param displayName the name that is shown; with some servers the login
     * @param email the address
     */
    record Author(String name, String displayName, String email) {
        /** Checks that nothing is missing. */
        public Author {
            requireNonNull(name, "name");
            requireNonNull(displayName, "displayName");
            requireNonNull(email, "email");
        }
    }

    /**
     * What happened to one pull request.
     *
     * @param action what was done, in the words of the server, such as {@code "opened"}
     * @param url where people can look at it
     * @param repository the full name of the repository that it is for
     * @param head what is to be merged
     * @param base what it is to be merged into
     */
    record PullRequest(String action, String url, String repository, Change head, Change base) {
        /** Checks that nothing is missing. */
        public PullRequest {
            requireNonNull(action, "action");
            requireNonNull(url, "url");
            requireNonNull(repository, "repository");
            requireNonNull(head, "head");
            requireNonNull(base, "base");
        }
    }
}
