package org.cdshooks.api;

/**
 * A long-running source: a consumer loop, an event stream, a socket of its own.
 *
 * {@snippet file="org/cdshooks/api/snippets/SnippetsTest.java" region="listener"}
 */
@ImplementedByPlugins
@FunctionalInterface
public interface Listener {

    /**
     * Listens on the calling thread, a virtual one of its own, until told to stop, and {@linkplain TriggerContext#emit emits} an invocation for each
     * thing heard.
     *
     * <p><b>Ownership.</b> At most one node runs this at a time, under a lease, unless the trigger runs
     * {@linkplain Trigger.Listening#onEveryNode on every node}. A node that loses its lease interrupts this method; what it
     * still emits is refused, so a duplicate can be heard but not stored.
     *
     * <p><b>Threads.</b> Several threads may emit at the same time, such as one for each of many things that came at once;
     * they are the listener's own, and have to end before this method does. Only the calling thread is interrupted when it
     * is to stop; an emit that waits on another one ends as well, with an {@link InterruptedException}.
     *
     * <p><b>Delivery.</b> Acknowledge to the source only after {@code emit} has returned: then nothing
     * is lost in a crash, and what is heard twice can be dropped by its {@linkplain
     * Invocation#dedupKey key}.
     *
     * <p><b>Stopping.</b> The thread is interrupted, and this method must come back within the
     * runtime's grace period (10 s unless configured). Close what blocks and ignores interrupts when
     * {@link TriggerContext#isCancelled} turns true. A method that does not come back is abandoned:
     * its emits are refused, and the task is shown as stuck.
     *
     * <p>An exception means that listening failed, and so does a return without being told to stop. Listening is begun
     * anew with growing delays, and the task shows the reason as its problem.
     *
     * @param context takes the invocations
     * @throws InterruptedException when told to stop
     * @throws Exception when listening failed
     */
    void listen(TriggerContext context) throws Exception;
}
