package org.cdshooks.api;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * A way for a hook to fire. The runtime knows these mechanisms and no hook type; a type with a
 * source that fits neither HTTP nor time uses a {@link Listener}, which may do anything.
 */
public sealed interface Trigger {

    /**
     * Returns the name of this trigger, unique within its hook and stable across releases of it: what
     * is stored for a trigger is stored under its name.
     *
     * @return the name
     */
    String name();

    /**
     * Fires on requests to the task's endpoint. Every node serves it.
     *
     * @param receiver called once for each request
     * @return a trigger named {@code "http"}
     */
    static Http http(HttpReceiver receiver) {
        return new Http("http", receiver, List.of(), OptionalLong.empty(), Optional.empty());
    }

    /**
     * Fires when time comes. The runtime stores the next due time, any node may execute it, and at
     * most one execution of the trigger is waiting for its time.
     *
     * @param schedule tells the next due time
     * @return a trigger named {@code "timer"}
     */
    static Timer timer(Schedule schedule) {
        return new Timer("timer", schedule, MissedRuns.LAST, Overlap.SKIP, Duration.ZERO);
    }

    /**
     * Fires when a long-running listener says so. It runs on one node of the cluster at a time, unless its source {@linkplain
     * Listening#onEveryNode shares the work} among all who listen.
     *
     * @param listener the loop
     * @return a trigger named {@code "listener"}
     */
    static Listening listener(Listener listener) {
        return new Listening("listener", listener, "", false);
    }

    /** See {@link Trigger#http}. */
    final class Http implements Trigger {
        private static final Pattern METHOD = Pattern.compile("[A-Z]{1,20}");

        private final String name;
        private final HttpReceiver receiver;
        private final List<String> methods;
        private final OptionalLong maxBody;
        private final Optional<String> verification;

        private Http(
                String name,
                HttpReceiver receiver,
                List<String> methods,
                OptionalLong maxBody,
                Optional<String> verification) {
            this.name = requireNonNull(name, "name");
            this.receiver = requireNonNull(receiver, "receiver");
            this.methods = List.copyOf(methods);
            this.maxBody = maxBody;
            this.verification = verification;
        }

        /**
         * Takes only these methods. The runtime answers others with 405 and {@code Allow} before it reads a body.
         *
         * @param newMethods the methods in upper case, at least one
         * @return a copy of this trigger that takes these methods
         */
        public Http methods(String... newMethods) {
            List<String> all = List.of(newMethods);
            if (all.isEmpty()
                    || !all.stream().allMatch(method -> METHOD.matcher(method).matches())) {
                throw new IllegalArgumentException("methods must be in upper case, at least one: " + all);
            }
            return new Http(name, receiver, all, maxBody, verification);
        }

        /**
         * Takes bodies up to this size. The runtime answers larger ones with 413 without reading them to the end.
         *
         * @param bytes a positive number
         * @return a copy of this trigger with that limit
         */
        public Http maxBody(long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("maxBody must be positive: " + bytes);
            }
            return new Http(name, receiver, methods, OptionalLong.of(bytes), verification);
        }

        /**
         * Says that the receiver lets only those in who prove who they are. The runtime checks nothing of it; it tells
         * operators how many requests come in without.
         *
         * @param how what is checked, in a word or two for people, such as {@code "a signature of GitHub"}
         * @return a copy of this trigger that says so
         */
        public Http verifiedBy(String how) {
            if (how.isBlank()) {
                throw new IllegalArgumentException("how senders are verified must not be blank");
            }
            return new Http(name, receiver, methods, maxBody, Optional.of(how));
        }

        @Override
        public String name() {
            return name;
        }

        /**
         * Returns what handles a request.
         *
         * @return the receiver
         */
        public HttpReceiver receiver() {
            return receiver;
        }

        /**
         * Returns the methods that are taken.
         *
         * @return the methods in upper case; empty if all are
         */
        public List<String> methods() {
            return methods;
        }

        /**
         * Returns how large a body may be, in bytes.
         *
         * @return the limit; empty for the runtime's own, 1 MiB unless configured
         */
        public OptionalLong maxBody() {
            return maxBody;
        }

        /**
         * Returns how the receiver verifies senders.
         *
         * @return what is checked, in words; empty if everybody who knows the address is let in
         */
        public Optional<String> verification() {
            return verification;
        }
    }

    /** See {@link Trigger#timer}. */
    final class Timer implements Trigger {
        private final String name;
        private final Schedule schedule;
        private final MissedRuns missedRuns;
        private final Overlap overlap;
        private final Duration spread;

        private Timer(String name, Schedule schedule, MissedRuns missedRuns, Overlap overlap, Duration spread) {
            this.name = requireNonNull(name, "name");
            this.schedule = requireNonNull(schedule, "schedule");
            this.missedRuns = requireNonNull(missedRuns, "missedRuns");
            this.overlap = requireNonNull(overlap, "overlap");
            this.spread = requireNonNull(spread, "spread");
        }

        /**
         * Sets what becomes of runs that were missed while no node was up.
         *
         * @param policy the policy; {@link MissedRuns#LAST} if this is not called
         * @return a copy of this trigger with that policy
         */
        public Timer missedRuns(MissedRuns policy) {
            return new Timer(name, schedule, policy, overlap, spread);
        }

        /**
         * Sets what becomes of a run that is due while an earlier execution of the task is unfinished.
         *
         * @param policy the policy; {@link Overlap#SKIP} if this is not called
         * @return a copy of this trigger with that policy
         */
        public Timer overlap(Overlap policy) {
            return new Timer(name, schedule, missedRuns, policy, spread);
        }

        /**
         * Lets runs start up to this time after they are due, so that many tasks of one second do not all start in it. The
         * delay follows from the task and the due time, so all nodes agree on it, and it never reaches the next due time.
         *
         * @param upTo zero or more; zero if this is not called
         * @return a copy of this trigger with that spread
         */
        public Timer spread(Duration upTo) {
            if (upTo.isNegative()) {
                throw new IllegalArgumentException("spread must not be negative: " + upTo);
            }
            return new Timer(name, schedule, missedRuns, overlap, upTo);
        }

        @Override
        public String name() {
            return name;
        }

        /**
         * Returns what tells the next due time.
         *
         * @return the schedule
         */
        public Schedule schedule() {
            return schedule;
        }

        /**
         * Returns what becomes of missed runs.
         *
         * @return the policy
         */
        public MissedRuns missedRuns() {
            return missedRuns;
        }

        /**
         * Returns what becomes of runs that overlap.
         *
         * @return the policy
         */
        public Overlap overlap() {
            return overlap;
        }

        /**
         * Returns by how much runs may be delayed.
         *
         * @return zero or more
         */
        public Duration spread() {
            return spread;
        }
    }

    /** See {@link Trigger#listener}. */
    final class Listening implements Trigger {
        private final String name;
        private final Listener listener;
        private final String colocationKey;
        private final boolean onEveryNode;

        private Listening(String name, Listener listener, String colocationKey, boolean onEveryNode) {
            this.name = requireNonNull(name, "name");
            this.listener = requireNonNull(listener, "listener");
            this.colocationKey = requireNonNull(colocationKey, "colocationKey");
            this.onEveryNode = onEveryNode;
        }

        /**
         * Asks that all listeners of this hook type with the same key run on the same node, so that they
         * can share one connection, such as one event stream of a code review server.
         *
         * @param key names what is shared
         * @return a copy of this trigger with that key
         */
        public Listening colocatedBy(String key) {
            return new Listening(name, listener, key, onEveryNode);
        }

        /**
         * Runs the listener on every node at the same time. For a source that itself gives each thing to one of those who
         * listen, and gives it to another one when that one dies: a broker with consumer groups, a queue with competing
         * consumers. There the source already does what the runtime's lease does for others, and does it better: it moves a
         * part of the work within seconds, and all nodes work at once.
         *
         * <p>There is no lease then, so nothing is refused because another node listens as well. When the source moves
         * work, two nodes may hear the same thing: give each a {@linkplain Invocation#dedupKey key} that the source gave it.
         * A cursor is of no use, since each node would overwrite those of the others.
         *
         * @return a copy of this trigger that runs on every node
         */
        public Listening onEveryNode() {
            return new Listening(name, listener, colocationKey, true);
        }

        @Override
        public String name() {
            return name;
        }

        /**
         * Returns the loop.
         *
         * @return the listener
         */
        public Listener listener() {
            return listener;
        }

        /**
         * Returns the key that listeners to be kept together share.
         *
         * @return the key; empty if this listener goes anywhere
         */
        public String colocationKey() {
            return colocationKey;
        }

        /**
         * Tells whether the listener runs on every node at the same time.
         *
         * @return true if so; false if it runs on one node at a time
         */
        public boolean isOnEveryNode() {
            return onEveryNode;
        }
    }
}
