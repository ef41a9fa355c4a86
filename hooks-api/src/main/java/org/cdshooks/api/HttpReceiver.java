package org.cdshooks.api;

/** Takes the requests that arrive at a task's endpoint. */
@ImplementedByPlugins
@FunctionalInterface
public interface HttpReceiver {

    /**
     * Checks one request, emits an invocation for it if it is wanted, and answers. Called on a virtual thread of the
     * request's own, by any number of them at a time, on every node.
     *
     * <p>The endpoint is open to the world: verify signatures here, in constant time, before anything is emitted, and
     * answer {@code HttpReply.of(401, …)} to what does not pass. Leave the interpreting to {@link Hook#execute}, since the
     * sender waits. Answer {@link HttpReply#accepted} only with the receipt of an {@code emit} that has returned: the
     * sender takes a 2xx as a promise that nothing is lost.
     *
     * @param call the request; the runtime has checked its {@linkplain Trigger.Http#methods method} and the {@linkplain
     *     Trigger.Http#maxBody size} of its body, and has read the body in full
     * @param context takes the invocation; its {@code emit} does not wait for room but throws {@link
     *     OverloadedException}. Let it out: the runtime answers 503 with {@code Retry-After}
     * @return the answer
     * @throws Exception if the request could not be handled; the runtime answers 500 without its message, and logs it
     */
    HttpReply receive(HttpCall call, TriggerContext context) throws Exception;
}
