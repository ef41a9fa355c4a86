package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cdshooks.runtime.store.Faults;
import org.cdshooks.testbed.RedisError;
import org.cdshooks.testbed.Reply;
import org.cdshooks.testbed.RespClient;

/**
 * The link of one simulated node: calls of scripts over a connection that all nodes share, where faults strike and others
 * may come in between. For one thread.
 */
final class SimulatedLink implements Link {
    private static final Set<Script> READ_ONLY = EnumSet.of(
            Script.READ_TASK,
            Script.LIST_TASKS,
            Script.CURSOR,
            Script.DUE_TIMERS,
            Script.NEXT_DUE,
            Script.COUNT_TIMERS,
            Script.READ,
            Script.REVISIONS,
            Script.PAUSED,
            Script.LIST,
            Script.COUNTS);

    /** What a store does by reading first: others may come between. */
    private static final Set<Script> AFTER_READING = EnumSet.of(Script.RING, Script.REWRITE);

    private final RespClient client;
    private final RedisKeys keys;
    private final Map<Script, Script.Text> scripts;
    private final Faults faults;
    private final Runnable others;

    /**
     * Makes a link.
     *
     * @param others what other nodes do in the middle of a call of this one
     */
    SimulatedLink(RespClient client, RedisKeys keys, Map<Script, Script.Text> scripts, Faults faults, Runnable others) {
        this.client = client;
        this.keys = keys;
        this.scripts = scripts;
        this.faults = faults;
        this.others = others;
    }

    @Override
    public Answer run(Use use, Script script, Object... arguments) {
        if (READ_ONLY.contains(script)) {
            return call(script, arguments);
        }
        if (AFTER_READING.contains(script)) {
            others.run();
        }
        // what comes too late for a rewrite is found by reading again
        return faults.strike(() -> call(script, arguments), answer -> script == Script.REWRITE && answer.number() == 0);
    }

    @Override
    public List<Answer> runAll(Use use, Script script, List<Object[]> calls) {
        return calls.stream().map(arguments -> run(use, script, arguments)).toList();
    }

    private Answer call(Script script, Object... arguments) {
        Script.Text text = scripts.get(script);
        try {
            return answer(client.command(words("EVALSHA", text.digest(), arguments)));
        } catch (RedisError e) {
            if (e.getMessage().startsWith("NOSCRIPT")) {
                return answer(client.command(words("EVAL", text.text(), arguments)));
            }
            throw new IllegalStateException(script + ": " + e.getMessage(), e);
        }
    }

    private String[] words(String how, String script, Object... arguments) {
        List<String> words = new ArrayList<>(List.of(how, script, "1", new String(keys.routing(), UTF_8)));
        for (Object argument : arguments) {
            words.add(argument instanceof byte[] bytes ? new String(bytes, UTF_8) : argument.toString());
        }
        return words.toArray(String[]::new);
    }

    private static Answer answer(Reply reply) {
        return new Answer(value(reply)).get(0);
    }

    private static Object value(Reply reply) {
        return switch (reply) {
            case Reply.Text(String text) -> text.getBytes(UTF_8);
            case Reply.Whole(long number) -> number;
            case Reply.Nil _ -> null;
            case Reply.Failure(String message) -> throw new IllegalStateException(message);
            case Reply.Many(List<Reply> replies) ->
                replies.stream().map(SimulatedLink::value).toList();
        };
    }

    @Override
    public void awaitReplicas(Use use) {}

    @Override
    public Optional<String> problem() {
        return Optional.empty();
    }

    @Override
    public String durability() {
        return "as long as the simulation";
    }

    @Override
    public void close() {}
}
