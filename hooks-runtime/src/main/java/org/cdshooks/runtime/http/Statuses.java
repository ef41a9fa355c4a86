package org.cdshooks.runtime.http;

import io.helidon.http.Status;

/** Status codes with the reasons that go with them. */
final class Statuses {
    private static final Status HEADERS_TOO_LARGE = Status.create(431, "Request Header Fields Too Large");

    private Statuses() {}

    /** The library knows them all but one, of which it makes the number a second time. */
    static Status of(int code) {
        return code == HEADERS_TOO_LARGE.code() ? HEADERS_TOO_LARGE : Status.create(code);
    }
}
