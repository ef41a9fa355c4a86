package org.cdshooks.toolkit.verify;

import java.util.List;

/** Where a sender says which delivery it is, so that one that comes again is known. */
public sealed interface DeliveryName {
    /** Nowhere. */
    record Nowhere() implements DeliveryName {}

    /**
     * In a header.
     *
     * @param names in lower case; the first that is there counts
     */
    record Header(List<String> names) implements DeliveryName {}

    /**
     * In a member at the top of a JSON body.
     *
     * @param member its name
     */
    record BodyMember(String member) implements DeliveryName {}
}
