package org.cdshooks.runtime.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A condition on an event, in a small language:
 *
 * <pre>
 * expression = conjunction { "or" conjunction }
 * conjunction = term { "and" term }
 * term       = "not" term | "(" expression ")" | test
 * test       = reference ( "exists" | ( "==" | "!=" | "glob" | "matches" ) text )
 * reference  = name | "value" "(" ( name | text ) ")" | "header" "(" ( name | text ) ")"
 * name       = one or more letters, digits, _ . - : / @
 * text       = characters in ' or in ", in which that quote is written twice
 * </pre>
 *
 * A name is that of a value of the event; words of the language are names only within {@code value(…)}. Of what is not there
 * {@code !=} holds and nothing else does. {@code ==} and {@code !=} compare whole texts, {@code glob} is that of {@link Glob},
 * {@code matches} looks for a {@link LinearPattern} anywhere in the text.
 *
 * <p>Longer than most classes, since grammar, tokens, parser and what it makes are only understood together.
 */
final class Expression {
    static final int MAX_LENGTH = 4_000;
    static final int MAX_DEPTH = 20;

    /** How large all patterns of an expression may be together; so many looks at each character there are at most. */
    static final int MAX_STEPS = 6_000;

    private static final Set<String> OPERATORS = Set.of("exists", "glob", "matches");

    private final String source;
    private final Node root;

    private Expression(String source, Node root) {
        this.source = source;
        this.root = root;
    }

    /**
     * Reads an expression.
     *
     * @param isHidden tells by its name whether a header is not kept, so that no condition on it could hold
     * @throws SyntaxException if it is none
     */
    static Expression of(String source, Predicate<String> isHidden) throws SyntaxException {
        if (source.length() > MAX_LENGTH) {
            throw new SyntaxException(
                    "has " + source.length() + " characters, and may have " + MAX_LENGTH + " at most");
        }
        return new Expression(source, new Parser(source, isHidden).parse());
    }

    /** Tells whether it holds. */
    boolean holds(Subject subject) throws InterruptedException {
        return root.holds(subject);
    }

    /** Says of an expression that does not hold which part is to blame. */
    String whyNot(Subject subject) throws InterruptedException {
        return root.whyNot(subject, source);
    }

    // ------------------------------------------------------------------------------------------------ what is read

    /** A part of the expression, and where it is written. */
    private sealed interface Node {
        int start();

        int end();

        boolean holds(Subject subject) throws InterruptedException;

        default String whyNot(Subject subject, String source) throws InterruptedException {
            return Quoted.cut(source.substring(start(), end())) + " does not hold";
        }
    }

    private record All(List<Node> parts, int start, int end) implements Node {
        @Override
        public boolean holds(Subject subject) throws InterruptedException {
            for (Node part : parts) {
                if (!part.holds(subject)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String whyNot(Subject subject, String source) throws InterruptedException {
            for (Node part : parts) {
                if (!part.holds(subject)) {
                    return part.whyNot(subject, source);
                }
            }
            return Node.super.whyNot(subject, source);
        }
    }

    private record Any(List<Node> parts, int start, int end) implements Node {
        @Override
        public boolean holds(Subject subject) throws InterruptedException {
            for (Node part : parts) {
                if (part.holds(subject)) {
                    return true;
                }
            }
            return false;
        }
    }

    private record Not(Node part, int start, int end) implements Node {
        @Override
        public boolean holds(Subject subject) throws InterruptedException {
            return !part.holds(subject);
        }
    }

    private record Test(Reference reference, Check check, int start, int end) implements Node {
        @Override
        public boolean holds(Subject subject) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return check.passes(reference.of(subject));
        }

        @Override
        public String whyNot(Subject subject, String source) throws InterruptedException {
            return Node.super.whyNot(subject, source)
                    + reference
                            .of(subject)
                            .map(is -> "; " + reference + " is " + Quoted.of(is))
                            .orElse("; there is no " + reference);
        }
    }

    @FunctionalInterface
    private interface Check {
        boolean passes(Optional<String> value);
    }

    // ------------------------------------------------------------------------------------------------ how it is read

    private enum Kind {
        WORD,
        TEXT,
        EQUALS,
        DIFFERS,
        OPEN,
        CLOSE,
        END
    }

    private record Token(Kind kind, String text, int start, int end) {
        boolean isWord(String word) {
            return kind == Kind.WORD && text.equals(word);
        }

        /** The token as it is written, for messages. */
        String shown() {
            return switch (kind) {
                case END -> "the end";
                case TEXT -> "the text " + Quoted.of(text);
                default -> Quoted.cut(text);
            };
        }
    }

    private static final class Tokens {
        private final String source;
        private int at;

        Tokens(String source) {
            this.source = source;
        }

        Token next() throws SyntaxException {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
            if (at == source.length()) {
                return new Token(Kind.END, "", at, at);
            }
            char c = source.charAt(at);
            if (c == '\'' || c == '"') {
                return text(c);
            }
            if (isOfName(c)) {
                int start = at;
                while (at < source.length() && isOfName(source.charAt(at))) {
                    at++;
                }
                return new Token(Kind.WORD, source.substring(start, at), start, at);
            }
            return switch (c) {
                case '(' -> symbol(Kind.OPEN, "(");
                case ')' -> symbol(Kind.CLOSE, ")");
                case '=' -> operator(Kind.EQUALS, "==", "write == for equals, matches for a regular expression");
                case '!' -> operator(Kind.DIFFERS, "!=", "write 'not' for a negation, != for differs");
                case '&' -> throw error(at, "write 'and' between conditions");
                case '|' -> throw error(at, "write 'or' between conditions");
                default ->
                    throw error(
                            at,
                            "'" + Character.toString(source.codePointAt(at))
                                    + "' can't stand here; a name with such characters is written value('…')");
            };
        }

        private static boolean isOfName(char c) {
            return Character.isLetterOrDigit(c) || "_.-:/@".indexOf(c) >= 0;
        }

        private Token symbol(Kind kind, String text) {
            at += text.length();
            return new Token(kind, text, at - text.length(), at);
        }

        private Token operator(Kind kind, String text, String otherwise) throws SyntaxException {
            if (!source.startsWith(text, at)) {
                throw error(at, otherwise);
            }
            return symbol(kind, text);
        }

        private Token text(char quote) throws SyntaxException {
            int start = at++;
            StringBuilder text = new StringBuilder();
            while (at < source.length()) {
                char c = source.charAt(at++);
                if (c != quote) {
                    text.append(c);
                } else if (at < source.length() && source.charAt(at) == quote) {
                    text.append(c);
                    at++;
                } else {
                    return new Token(Kind.TEXT, text.toString(), start, at);
                }
            }
            throw error(start, "this text has no " + quote + " at its end");
        }

        SyntaxException error(int offset, String problem) {
            return SyntaxException.at(source, offset, problem);
        }
    }

    private static final class Parser {
        private final Tokens tokens;
        private final Predicate<String> isHidden;
        private @Nullable Token ahead;
        private int lastEnd;
        private int depth;
        private int steps;

        Parser(String source, Predicate<String> isHidden) {
            this.tokens = new Tokens(source);
            this.isHidden = isHidden;
        }

        Node parse() throws SyntaxException {
            Node all = expression();
            Token rest = peek();
            if (rest.kind() != Kind.END) {
                throw tokens.error(
                        rest.start(),
                        rest.kind() == Kind.CLOSE
                                ? "there is no ( for this )"
                                : "'and', 'or' or the end is expected here, not " + rest.shown());
            }
            return all;
        }

        private Token peek() throws SyntaxException {
            if (ahead == null) {
                ahead = tokens.next();
            }
            return ahead;
        }

        private Token take() throws SyntaxException {
            Token token = peek();
            ahead = null;
            lastEnd = token.end();
            return token;
        }

        private Node expression() throws SyntaxException {
            Node first = conjunction();
            List<Node> parts = new ArrayList<>(List.of(first));
            while (peek().isWord("or")) {
                take();
                parts.add(conjunction());
            }
            return parts.size() == 1 ? first : new Any(List.copyOf(parts), first.start(), lastEnd);
        }

        private Node conjunction() throws SyntaxException {
            Node first = term();
            List<Node> parts = new ArrayList<>(List.of(first));
            while (peek().isWord("and")) {
                take();
                parts.add(term());
            }
            return parts.size() == 1 ? first : new All(List.copyOf(parts), first.start(), lastEnd);
        }

        private Node term() throws SyntaxException {
            Token token = peek();
            boolean nests = token.isWord("not") || token.kind() == Kind.OPEN;
            if (!nests) {
                return test();
            }
            take();
            if (++depth > MAX_DEPTH) {
                throw tokens.error(token.start(), "parentheses and 'not' are nested deeper than " + MAX_DEPTH);
            }
            Node inner;
            if (token.kind() == Kind.OPEN) {
                inner = expression();
                closing(token, "'and', 'or' or )");
            } else {
                Node part = term();
                inner = new Not(part, token.start(), lastEnd);
            }
            depth--;
            return inner;
        }

        private void closing(Token open, String wanted) throws SyntaxException {
            Token close = take();
            if (close.kind() == Kind.END) {
                throw tokens.error(open.start(), "this ( is never closed");
            }
            if (close.kind() != Kind.CLOSE) {
                throw tokens.error(close.start(), wanted + " is expected here, not " + close.shown());
            }
        }

        private Node test() throws SyntaxException {
            Token first = take();
            Reference reference = reference(first);
            Token operator = take();
            Check check = check(reference, operator);
            return new Test(reference, check, first.start(), lastEnd);
        }

        private Reference reference(Token word) throws SyntaxException {
            if (word.kind() != Kind.WORD
                    || OPERATORS.contains(word.text())
                    || word.isWord("and")
                    || word.isWord("or")) {
                throw tokens.error(
                        word.start(),
                        "a condition is expected here, such as git.branch == 'main', not " + word.shown());
            }
            boolean isHeader = word.isWord("header");
            if (peek().kind() != Kind.OPEN || !isHeader && !word.isWord("value")) {
                return new Reference.Value(word.text());
            }
            Token open = take();
            Token name = take();
            if (name.kind() != Kind.WORD && name.kind() != Kind.TEXT) {
                throw tokens.error(name.start(), "a name is expected here, not " + name.shown());
            }
            closing(open, ")");
            if (!isHeader) {
                return new Reference.Value(name.text());
            }
            if (isHidden.test(name.text())) {
                throw tokens.error(
                        name.start(),
                        "header " + name.text() + " carries a credential, which is not kept: no condition can see it");
            }
            return new Reference.Header(name.text());
        }

        private Check check(Reference reference, Token operator) throws SyntaxException {
            if (operator.isWord("exists")) {
                return Optional::isPresent;
            }
            boolean takesText = operator.kind() == Kind.EQUALS
                    || operator.kind() == Kind.DIFFERS
                    || operator.kind() == Kind.WORD && OPERATORS.contains(operator.text());
            if (!takesText) {
                throw tokens.error(
                        operator.start(),
                        "one of ==, !=, glob, matches, exists is expected after " + Quoted.cut(reference.toString())
                                + ", not " + operator.shown());
            }
            Token token = take();
            if (token.kind() != Kind.TEXT) {
                throw tokens.error(
                        token.start(),
                        "a text in quotes is expected after " + operator.text() + ", such as 'main', not "
                                + token.shown());
            }
            String text = token.text();
            return switch (operator.kind()) {
                case EQUALS -> value -> value.isPresent() && value.get().equals(text);
                case DIFFERS -> value -> value.isEmpty() || !value.get().equals(text);
                default -> pattern(operator, token);
            };
        }

        private Check pattern(Token operator, Token token) throws SyntaxException {
            try {
                if (operator.isWord("glob")) {
                    Glob glob = Glob.of(token.text());
                    count(glob.steps());
                    return value -> value.isPresent() && glob.matches(value.get());
                }
                LinearPattern regex = LinearPattern.of(token.text());
                count(regex.steps());
                return value -> value.isPresent() && regex.isIn(value.get());
            } catch (SyntaxException e) {
                throw tokens.error(token.start(), e.problem());
            }
        }

        private void count(int more) throws SyntaxException {
            steps += more;
            if (steps > MAX_STEPS) {
                throw new SyntaxException("all patterns of the filter together are too large");
            }
        }
    }
}
