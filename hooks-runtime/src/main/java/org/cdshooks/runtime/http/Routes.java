package org.cdshooks.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table of paths, methods and what answers them. Paths are matched as they were sent: fixed parts byte by byte, so that
 * no trick of spelling reaches another route; parts in braces after they have been decoded once.
 */
final class Routes {
    /** Answers a request. */
    @FunctionalInterface
    interface Action {
        void run(Exchange exchange) throws Exception;
    }

    /**
     * One path.
     *
     * @param open whether it answers without authentication
     * @param actions by method
     * @param reads the methods that change nothing
     */
    record Resource(List<String> segments, boolean open, Map<String, Action> actions, Set<String> reads) {
        /** The methods for {@code Allow}. */
        Set<String> methods() {
            return actions.keySet();
        }
    }

    /** A path that was found, with its open parts. */
    record Match(Resource resource, List<String> parameters) {}

    private final List<Resource> resources = new ArrayList<>();

    /**
     * Adds a path; of two that match, the one that was added first wins.
     *
     * @param pattern such as {@code /task/{uuid}}
     * @param open whether it answers without authentication
     * @return what to add methods to
     */
    Methods path(String pattern, boolean open) {
        Map<String, Action> actions = new LinkedHashMap<>();
        Set<String> reads = new HashSet<>();
        resources.add(new Resource(List.of(pattern.substring(1).split("/")), open, actions, reads));
        return new Methods(actions, reads);
    }

    /** The methods of one path. */
    record Methods(Map<String, Action> actions, Set<String> reads) {
        Methods on(String method, Action action) {
            actions.put(method, action);
            if (method.equals("GET")) {
                actions.put("HEAD", action);
                reads.addAll(List.of("GET", "HEAD"));
            }
            return this;
        }

        /** An order that CDS gives by GET. It has no HEAD, which must never change anything. */
        Methods order(Action action) {
            actions.put("GET", action);
            actions.put("POST", action);
            return this;
        }
    }

    Optional<Match> find(String rawPath) {
        if (!rawPath.startsWith("/")) {
            return Optional.empty();
        }
        String[] given = rawPath.substring(1).split("/", -1);
        for (Resource resource : resources) {
            List<String> parameters = match(resource.segments(), given);
            if (parameters != null) {
                return Optional.of(new Match(resource, parameters));
            }
        }
        return Optional.empty();
    }

    private static @Nullable List<String> match(List<String> segments, String[] given) {
        if (segments.size() != given.length) {
            return null;
        }
        List<String> parameters = new ArrayList<>();
        for (int i = 0; i < given.length; i++) {
            String segment = segments.get(i);
            if (segment.startsWith("{")) {
                if (given[i].isEmpty()) {
                    return null;
                }
                parameters.add(decoded(given[i]));
            } else if (!segment.equals(given[i])) {
                return null;
            }
        }
        return parameters;
    }

    /** Decodes once; what is not well-formed is nobody's name and stays as it is. */
    static String decoded(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        ByteBuffer bytes = ByteBuffer.allocate(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%') {
                int high = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 1), 16) : -1;
                int low = high < 0 ? -1 : Character.digit(segment.charAt(i + 2), 16);
                if (low < 0) {
                    return segment;
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else {
                bytes.put((byte) c);
            }
        }
        try {
            return UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            return segment;
        }
    }
}
