package org.cdshooks.testbed.cds;

/** How a call of the API goes wrong. */
public enum Fault {
    /** 503 with a page, as a proxy says it whose API is away; nothing is done. */
    PROXY_503,
    /** 500 with an error of CDS; nothing is done. */
    ERROR_500,
    /** 401 with an error of CDS; nothing is done. */
    UNAUTHORIZED,
    /** 403 with an error of CDS; nothing is done. */
    FORBIDDEN,
    /** The connection ends before anything is done. */
    CUT_BEFORE,
    /** All is done, and then the connection ends without a word. */
    CUT_AFTER,
    /** All is done, the head of the answer comes, and the body breaks off at its first byte. */
    CUT_BODY,
    /** Half of the answer comes. */
    CUT_HALF,
    /** All is done, and the answer is no JSON. */
    NO_JSON,
    /** Nothing is done and nothing is said, until the API is stopped. */
    HANG
}
