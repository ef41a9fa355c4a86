package org.cdshooks.runtime.filter;

import java.io.Serial;

/** Thrown by parsers of rules. The message is for who wrote the rule: where, what, and what would be right. */
final class SyntaxException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final String problem;

    SyntaxException(String problem) {
        super(problem, null, false, false);
        this.problem = problem;
    }

    String problem() {
        return problem;
    }

    /** Says where in a text, counted from 1. */
    static SyntaxException at(String text, int offset, String problem) {
        int lineStart = text.lastIndexOf('\n', offset - 1) + 1;
        long line = text.substring(0, lineStart).chars().filter(c -> c == '\n').count() + 1;
        String where = line == 1 ? "" : "line " + line + ", ";
        return new SyntaxException(where + "column " + (offset - lineStart + 1) + ": " + problem);
    }
}
