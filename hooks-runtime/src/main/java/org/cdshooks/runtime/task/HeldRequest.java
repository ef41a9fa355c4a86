package org.cdshooks.runtime.task;

import java.util.List;
import java.util.Map;

/**
 * A request that was refused, whole, so that it can be let in later. It may hold credentials.
 *
 * @param at when it came in, in nanoseconds since the epoch
 * @param sender the address at the other end of the connection
 * @param method its method
 * @param path the path below the endpoint, as sent
 * @param query the query, as sent
 * @param headers its headers by lower-case name
 * @param body its body
 * @param status what was answered
 * @param reason why it was refused, in words
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record HeldRequest(
        long at,
        String sender,
        String method,
        String path,
        String query,
        Map<String, List<String>> headers,
        byte[] body,
        int status,
        String reason) {
    /**
     * Replaces what may carry credentials.
     *
     * @param newQuery the query
     * @param newHeaders the headers
     * @return a copy with these
     */
    public HeldRequest with(String newQuery, Map<String, List<String>> newHeaders) {
        return new HeldRequest(at, sender, method, path, newQuery, newHeaders, body, status, reason);
    }

    /** Leaves query, headers and body out: there may be secrets in them. */
    @Override
    public String toString() {
        return "HeldRequest[" + at + ", " + method + ", " + body.length + " bytes]";
    }
}
