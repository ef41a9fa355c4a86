package org.cdshooks.api;

/** Takes the requests that arrive at a task's endpoint. */
@ImplementedByPlugins
@FunctionalInterface
public interface HttpReceiver {

    /**
     * Checks one request, emits an invocation for it if it is wanted, and answers. The endpoint is open
     * to the world: verify signatures here, in constant time, before anything is emitted. Leave the
     * interpreting to {@link Hook#execute}, since the sender waits.
     *
     * @param call the request, its body read in full and within the runtime's size limit
     * @param context takes the invocation; its {@code emit} throws {@link OverloadedException} instead
     *     of blocking, which let out is answered by the runtime with 503 and {@code Retry-After}
     * @return the answer
     * @throws Exception if the request could not be handled; answered with 500
     */
    HttpReply receive(HttpCall call, TriggerContext context) throws Exception;
}
