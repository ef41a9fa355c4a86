package org.cdshooks.plugin.gitpoller;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the APIs of all servers have in common: JSON in pages. */
abstract class JsonSource implements Source {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern NEXT = Pattern.compile("<([^>]*)>[^,]*;\\s*rel=\"?next\"?");

    private final Session session;
    private final URI base;
    private final String repository;

    JsonSource(Session session, URI base, String repository) {
        this.session = session;
        this.base = base;
        this.repository = repository;
    }

    String repository() {
        return repository;
    }

    /** Writes a name as one segment of a path. */
    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Writes a full name as segments of a path. */
    static String segments(String name) {
        return String.join(
                "/", Arrays.stream(name.split("/", -1)).map(JsonSource::segment).toList());
    }

    /** An answer in JSON, and the reply that it came with. */
    record Answer(JsonNode json, Session.Reply reply) {}

    /** Returns the elements of a page. */
    JsonNode elements(JsonNode page) {
        return page;
    }

    /** Returns where the next page is; a header says so unless this is overridden. */
    Optional<String> next(Answer answer) {
        return answer.reply().response().headers().allValues("link").stream()
                .map(NEXT::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .findFirst();
    }

    /**
     * Reads a listing to its end. If the pages of the last time are all unchanged, that is all there is to say; if one has
     * changed, all are read anew.
     */
    <T> Optional<Listing<T>> list(String path, List<Page> known, Function<JsonNode, T> item, Function<T, String> name)
            throws PollFailure, InterruptedException {
        if (!known.isEmpty() && areUnchanged(known)) {
            return Optional.empty();
        }
        Map<String, T> items = new TreeMap<>();
        List<Page> pages = new ArrayList<>();
        boolean hasEtags = true;
        int count = 0;
        Optional<URI> at = Optional.of(URI.create(base + path));
        while (at.isPresent()) {
            URI address = at.get();
            Answer answer = answer(address, session.get(address, Optional.empty()));
            JsonNode elements = elements(answer.json());
            if (!elements.isArray()) {
                throw unexpected(address);
            }
            for (JsonNode element : elements) {
                T read = item.apply(element);
                if (name.apply(read).isEmpty()) {
                    throw unexpected(address); // to go on would make all else look deleted
                }
                items.put(name.apply(read), read);
            }
            Optional<String> etag = answer.reply().header("etag");
            hasEtags &= etag.isPresent();
            etag.ifPresent(tag -> pages.add(new Page(address.toString(), tag)));
            count++;
            at = next(answer).map(address::resolve);
        }
        return Optional.of(new Listing<>(items, hasEtags ? pages : List.of(), count > 1));
    }

    private boolean areUnchanged(List<Page> pages) throws PollFailure, InterruptedException {
        for (Page page : pages) {
            if (session.get(URI.create(page.address()), Optional.of(page.etag()))
                            .status()
                    != 304) {
                return false;
            }
        }
        return true;
    }

    /** Gets one thing; empty if there is none. */
    Optional<JsonNode> find(String path) throws PollFailure, InterruptedException {
        URI address = URI.create(base + path);
        Session.Reply reply = session.get(address, Optional.empty());
        return reply.status() == 404
                ? Optional.empty()
                : Optional.of(answer(address, reply).json());
    }

    private Answer answer(URI address, Session.Reply reply) throws PollFailure {
        if (reply.status() == 404) {
            throw new PollFailure.Refused(Session.shown(address) + " answers 404: there is no repository " + repository
                    + ", or it shows to nobody without a token; see the options repository, token and url.");
        }
        try {
            return new Answer(JSON.readTree(reply.response().body()), reply);
        } catch (IOException e) {
            throw new PollFailure.Away(Session.shown(address) + " answers with what is no JSON.", e);
        }
    }

    private static PollFailure unexpected(URI address) {
        return new PollFailure.Refused(Session.shown(address)
                + " answers with another kind of list than this provider expects; see the options provider and url.");
    }

    /** Returns the full name of a branch or tag; empty if it has none. */
    static String ref(String prefix, String name) {
        return name.isEmpty() ? "" : prefix + name;
    }

    /** Returns a text; empty if it is not there. */
    static String text(JsonNode json, String pointer) {
        JsonNode value = json.at(pointer);
        return value.isValueNode() && !value.isNull() ? value.asText() : "";
    }

    static Optional<String> message(JsonNode json, String pointer) {
        return Optional.of(text(json, pointer)).filter(text -> !text.isEmpty());
    }
}
