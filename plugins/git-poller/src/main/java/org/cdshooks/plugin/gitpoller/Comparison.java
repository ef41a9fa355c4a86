package org.cdshooks.plugin.gitpoller;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.cdshooks.plugin.gitpoller.Snapshot.Items;
import org.cdshooks.plugin.gitpoller.Source.Commit;
import org.cdshooks.plugin.gitpoller.Source.Listing;
import org.cdshooks.plugin.gitpoller.Source.Part;
import org.cdshooks.plugin.gitpoller.Source.Pull;
import org.cdshooks.plugin.gitpoller.Source.Ref;
import org.cdshooks.toolkit.repository.Person;
import org.cdshooks.toolkit.repository.PullRequestChange.Action;
import org.cdshooks.toolkit.repository.RefChange;
import org.cdshooks.toolkit.repository.RepositoryEvent;

/**
 * One comparison of what there is with what there was. Used by one thread, once.
 *
 * <p>What is missing in a listing is gone, with two exceptions: a listing of several pages may have moved while it was
 * read, and one that is empty all of a sudden may be a mistake of the server. Then what is missing stays, marked, and is
 * gone if the next listing does not have it either.
 */
final class Comparison {
    /** How many commits are looked at one by one; the events beyond do without author and message. */
    private static final int MAX_COMMITS = 20;

    private final Source source;
    private final String repository;
    private final Set<String> wanted;
    private final boolean emitInitial;
    private final int maxEvents;
    private final List<RepositoryEvent> events = new ArrayList<>();
    private int commits;
    private boolean isCut;

    Comparison(Source source, String repository, Set<String> wanted, boolean emitInitial, int maxEvents) {
        this.source = source;
        this.repository = repository;
        this.wanted = wanted;
        this.emitInitial = emitInitial;
        this.maxEvents = maxEvents;
    }

    List<RepositoryEvent> events() {
        return events;
    }

    /** Whether there are more changes than events were to be made; the snapshot stands before the others. */
    boolean isCut() {
        return isCut;
    }

    /** Compares one part, and returns what the next comparison starts from. */
    Items take(Part part, Optional<Items> before) throws PollFailure, InterruptedException {
        List<Source.Page> known = before.map(Items::pages).orElse(List.of());
        Items old = before.orElse(new Items(Map.of(), List.of(), Set.of()));
        boolean isSilent = before.isEmpty() && !emitInitial;
        if (part == Part.PULLS) {
            Optional<Listing<Pull>> listing = source.pulls(known);
            return listing.isEmpty() ? old : pulls(old, listing.get(), isSilent);
        }
        Optional<Listing<Ref>> listing = source.refs(part, known);
        return listing.isEmpty() ? old : refs(old, listing.get(), isSilent);
    }

    private Items refs(Items old, Listing<Ref> listing, boolean isSilent) throws PollFailure, InterruptedException {
        Map<String, String> states = new TreeMap<>(old.states());
        for (Ref ref : listing.items().values()) {
            String was = states.getOrDefault(ref.name(), "");
            if (isSilent) {
                states.put(ref.name(), ref.hash());
            } else if (!was.equals(ref.hash()) && hasRoom()) {
                RefChange bare = change(ref.name(), was, ref.hash(), Commit.UNKNOWN);
                add(wanted.contains(bare.word()) ? change(ref.name(), was, ref.hash(), commit(ref)) : bare);
                states.put(ref.name(), ref.hash());
            }
        }
        Set<String> missing = new TreeSet<>(old.states().keySet());
        missing.removeAll(listing.items().keySet());
        Set<String> suspected = new TreeSet<>();
        for (String name : missing) {
            if (!isSure(listing) && !old.missing().contains(name)) {
                suspected.add(name);
            } else if (hasRoom()) {
                add(change(name, old.states().getOrDefault(name, ""), RefChange.NO_HASH, Commit.UNKNOWN));
                states.remove(name);
            } else {
                suspected.add(name);
            }
        }
        return items(states, listing, suspected);
    }

    /** As long as something is left to do, the listing is read in full again, whatever its etags say. */
    private Items items(Map<String, String> states, Listing<?> listing, Set<String> suspected) {
        boolean isDone = !isCut && suspected.isEmpty();
        return new Items(states, isDone ? listing.pages() : List.of(), suspected);
    }

    private static boolean isSure(Listing<?> listing) {
        return !listing.isPaged() && !listing.items().isEmpty();
    }

    private RefChange change(String name, String before, String after, Commit commit) {
        return new RefChange(
                repository,
                name,
                before.isEmpty() ? RefChange.NO_HASH : before,
                after,
                commit.author(),
                commit.message());
    }

    private Commit commit(Ref ref) throws PollFailure, InterruptedException {
        if (ref.commit().isPresent()) {
            return ref.commit().get();
        }
        return ++commits > MAX_COMMITS ? Commit.UNKNOWN : source.commit(ref.hash());
    }

    private Items pulls(Items old, Listing<Pull> listing, boolean isSilent) throws PollFailure, InterruptedException {
        Map<String, String> states = new TreeMap<>(old.states());
        long newest =
                states.keySet().stream().mapToLong(Comparison::number).max().orElse(0);
        for (Pull pull : listing.items().values()) {
            String was = states.getOrDefault(pull.id(), "");
            String is = state(pull);
            if (isSilent) {
                states.put(pull.id(), is);
            } else if (!was.equals(is) && hasRoom()) {
                // numbers grow, so one that is lower and was not open has been open before
                Action opened = number(pull.id()) > newest ? Action.OPENED : Action.REOPENED;
                boolean isNew = was.isEmpty() || was.equals(ENDED);
                add(pull.change(isNew ? opened : Action.UPDATED, repository));
                states.put(pull.id(), is);
            }
        }
        for (String id : old.states().keySet().stream()
                .sorted(Comparator.comparingLong(Comparison::number))
                .toList()) {
            if (!listing.items().containsKey(id) && !states.getOrDefault(id, "").equals(ENDED) && hasRoom()) {
                ended(id, states);
            }
        }
        // the number of the newest is kept, open or not, to tell new ones from those that are opened again
        long last = states.keySet().stream().mapToLong(Comparison::number).max().orElse(0);
        states.entrySet().removeIf(entry -> entry.getValue().equals(ENDED) && number(entry.getKey()) < last);
        return items(states, listing, Set.of());
    }

    /** What is not among the open ones is looked at: it may also have slipped from one page to another. */
    private void ended(String id, Map<String, String> states) throws PollFailure, InterruptedException {
        Optional<Pull> pull = source.pull(id);
        if (pull.isEmpty()) {
            states.put(id, ENDED); // deleted; nothing is known of it any more
        } else if (pull.get().state() != Pull.State.OPEN) {
            boolean isMerged = pull.get().state() == Pull.State.MERGED;
            add(pull.get().change(isMerged ? Action.MERGED : Action.CLOSED, repository));
            states.put(id, ENDED);
        }
    }

    private static final String ENDED = "-";

    private static String state(Pull pull) {
        return pull.from().hash() + " " + pull.to().branch() + " " + pull.title();
    }

    private static long number(String id) {
        try {
            return Long.parseLong(id);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private boolean hasRoom() {
        isCut |= events.size() >= maxEvents;
        return events.size() < maxEvents;
    }

    private void add(RepositoryEvent event) {
        if (wanted.contains(event.word())) {
            events.add(event);
        }
    }

    /** Returns a person by what is known; who has no login is called by the name. */
    static Person person(String login, String name, String email) {
        return new Person(login.isEmpty() ? name : login, name, email);
    }
}
