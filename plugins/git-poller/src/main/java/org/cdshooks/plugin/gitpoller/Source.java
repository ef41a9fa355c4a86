package org.cdshooks.plugin.gitpoller;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cdshooks.toolkit.repository.Person;
import org.cdshooks.toolkit.repository.PullRequestChange;
import org.cdshooks.toolkit.repository.PullRequestChange.Side;

/** A server as pollers see it: it lists what there is. Used by one thread, for one poll. */
interface Source {

    /** Something that is listed. */
    enum Part {
        /** All branches. */
        BRANCHES("branch"),
        /** All tags. */
        TAGS("tag"),
        /** The pull requests that are open. */
        PULLS("pullrequest");

        private final String word;

        Part(String word) {
            this.word = word;
        }

        /** What its events begin with. */
        String word() {
            return word;
        }
    }

    /**
     * A page that was read.
     *
     * @param address where
     * @param etag what names this state of it
     */
    record Page(String address, String etag) {}

    /** What a commit says, as far as the server told. */
    record Commit(Person author, Optional<String> message) {
        static final Commit UNKNOWN = new Commit(Person.UNKNOWN, Optional.empty());
    }

    /** A branch or tag: its full name and its hash; the commit if the listing has it. */
    record Ref(String name, String hash, Optional<Commit> commit) {
        /** Returns the name; empty if the server told no name or no hash. */
        String key() {
            return hash.isEmpty() ? "" : name;
        }
    }

    /** A pull request. */
    record Pull(String id, String title, String url, Side from, Side to, Person author, State state) {
        /** How it is. */
        enum State {
            OPEN,
            MERGED,
            CLOSED
        }

        PullRequestChange change(PullRequestChange.Action action, String repository) {
            return new PullRequestChange(action, repository, id, title, url, from, to, author);
        }
    }

    /**
     * A listing that was read to its end.
     *
     * @param items what is there, by name
     * @param pages where it was read, if each page has an etag; else empty
     * @param isPaged whether more than one answer was needed, so that it may have changed in between
     */
    record Listing<T>(Map<String, T> items, List<Page> pages, boolean isPaged) {}

    /**
     * Lists branches or tags.
     *
     * @param known the pages of the last time
     * @return what is there; empty if nothing has changed since
     */
    Optional<Listing<Ref>> refs(Part part, List<Page> known) throws PollFailure, InterruptedException;

    /** Lists pull requests that are open, as {@link #refs} does. */
    Optional<Listing<Pull>> pulls(List<Page> known) throws PollFailure, InterruptedException;

    /** Looks at one pull request; empty if it is not there any more. */
    Optional<Pull> pull(String id) throws PollFailure, InterruptedException;

    /** Looks at one commit that a listing did not tell. */
    Commit commit(String hash) throws PollFailure, InterruptedException;
}
