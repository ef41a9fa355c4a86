package org.cdshooks.runtime.store.local;

import java.util.List;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.jspecify.annotations.Nullable;

/** Where the values are. What is where in the life of an execution is no matter of a backing. */
interface Backing extends AutoCloseable {

    /** Takes what was stored, one by one. */
    interface Loader {
        void load(Kind kind, long number, byte[] value);
    }

    /**
     * Reads everything that is not {@linkplain Kind#BODY a body}, in the order of {@link Kind}. Called once, first.
     *
     * @param loader called on some thread, before this returns
     */
    void load(Loader loader);

    /**
     * Waits if so much is not written yet that memory is in danger, unless nothing can be written now. Called outside the
     * store's lock.
     */
    void awaitRoom();

    /**
     * Takes the changes of one transition, to be written all or none and after those of the calls before. Called in the
     * store's lock, so it does not wait.
     *
     * @param changes what changes; the list is the caller's
     * @return a ticket for {@link #await}
     */
    long write(List<Change> changes);

    /**
     * Waits until what has this ticket is durable. Not ended by an interrupt.
     *
     * @param ticket from {@link #write}
     * @throws StoreUnavailableException if it can't be written, or not now; in that case it may be written later
     */
    void await(long ticket);

    /**
     * Returns the last ticket up to which everything is durable.
     *
     * @return the ticket
     */
    long durable();

    /**
     * Reads a value of a kind that is {@linkplain Kind#isReadLater read later}, from any thread.
     *
     * @param kind what it is
     * @param number its number
     * @return the value; null if it is not there
     * @throws DamagedValueException if it is there and is not what was written
     * @throws StoreUnavailableException if the file can't be read now
     */
    byte @Nullable [] read(Kind kind, long number);

    Condition condition();

    /** @throws StoreUnavailableException if this process can't use the store any more */
    default void checkUsable() {
        if (condition() instanceof Condition.Stopped(String words)) {
            throw new StoreUnavailableException(words, false);
        }
    }

    /** @throws StoreUnavailableException if nothing can be written now */
    default void checkWritable() {
        checkUsable();
        if (condition() instanceof Condition.Stalled(String words)) {
            throw new StoreUnavailableException(words, true);
        }
    }

    /** @throws StoreUnavailableException if there is no room for new work */
    default void checkRoom() {
        checkWritable();
        if (condition() instanceof Condition.NearlyFull(String words)) {
            throw new StoreUnavailableException(words, true);
        }
    }

    String durability();

    @Override
    void close();
}
