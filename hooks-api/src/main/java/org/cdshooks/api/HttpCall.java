package org.cdshooks.api;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A request to a task's endpoint. */
@ProvidedByRuntime
public interface HttpCall {

    /** The attribute under which {@link #toPayload} keeps the method. No header can have this name. */
    String METHOD = ":method";

    /** The attribute under which {@link #toPayload} keeps the path below the endpoint. */
    String PATH = ":path";

    /** The attribute under which {@link #toPayload} keeps the raw query. */
    String QUERY = ":query";

    /**
     * Returns the method, in upper case.
     *
     * @return the method
     */
    String method();

    /**
     * Returns the path below the endpoint, as sent.
     *
     * @return such as {@code "/push"}; empty if there is nothing below
     */
    String path();

    /**
     * Returns the query, as sent and without the question mark.
     *
     * @return such as {@code "branch=main"}; empty if there is none
     */
    String query();

    /**
     * Returns the headers by lower-case name, every value in the order of arrival.
     *
     * @return the headers
     */
    Map<String, List<String>> headers();

    /**
     * Returns the body.
     *
     * @return a copy
     */
    byte[] body();

    /**
     * Returns when the request came in, if that was not just now: one that was refused is kept, and an operator may let it in
     * later. A receiver judges signed times and the end of secrets by this time.
     *
     * @return the time; empty for a request that comes in now
     */
    @Experimental(decideBy = "1.2")
    default Optional<Instant> receivedAt() {
        return Optional.empty();
    }

    /**
     * Returns one header.
     *
     * @param name the name in any case
     * @return its value; the values of a repeated header joined with {@code ", "}
     */
    default Optional<String> header(String name) {
        return Optional.ofNullable(headers().get(name.toLowerCase(Locale.ROOT)))
                .map(values -> String.join(", ", values));
    }

    /**
     * Captures this request whole: the headers as attributes under their names, and {@link #METHOD}, {@link #PATH} and
     * {@link #QUERY} beside them. The runtime blanks the values of headers that carry credentials before it stores
     * them.
     *
     * @return a payload
     */
    default Payload toPayload() {
        return Payload.of(header("content-type").orElse(""), body())
                .withAttributes(headers())
                .withAttribute(METHOD, method())
                .withAttribute(PATH, path())
                .withAttribute(QUERY, query());
    }
}
