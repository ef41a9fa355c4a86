package org.cdshooks.runtime.store.redis;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.cdshooks.testbed.RedisServer;

/** The scripts of the store, each of which notes in Redis how many entries it has touched: the most of all its calls. */
final class CountingScripts {
    /** Scripts are joined with these, which are no bodies of scripts themselves. */
    private static final Set<String> COMMON = Set.of("lib", "adoption");

    private static final String TOUCHED = "counted:touched";
    private static final String COMMANDS = "counted:commands";

    private static final String CALL = "local call = redis.call";

    /** An entry is an execution that a command names, or an element that a command returns or drops. */
    private static final String COUNTING_CALL = """
            local executions, named, widest, commands = {}, 0, 0, 0
            local function size(key)
              local kind = redis.call('TYPE', key).ok
              return kind == 'zset' and redis.call('ZCARD', key) or kind == 'hash' and redis.call('HLEN', key)
                or kind == 'list' and redis.call('LLEN', key) or 0
            end
            local function call(command, ...)
              local words = {...}
              local entries = 0
              local scores = false
              for _, word in ipairs(words) do
                if string.match(tostring(word), '^[^:]+:tasks:executions:[^:]+:[^:]+:%d+$') and not executions[word] then
                  executions[word] = true
                  named = named + 1
                end
                scores = scores or word == 'WITHSCORES'
                if command == 'DEL' then
                  entries = entries + size(word)
                end
              end
              local answer = redis.call(command, unpack(words))
              if type(answer) == 'table' then
                entries = scores and #answer / 2 or #answer
              elseif string.find(command, 'REMRANGE') then
                entries = answer
              end
              widest = math.max(widest, entries)
              commands = commands + 1
              return answer
            end
            """;

    private CountingScripts() {}

    static Map<Script, Script.Text> load(RedisKeys keys) {
        return Script.load(keys, name -> {
            String text = Script.resource(name);
            if (name.equals("lib")) {
                if (!text.contains(CALL)) {
                    throw new AssertionError("lib.lua does not say '" + CALL + "' any more");
                }
                return text.replace(CALL, COUNTING_CALL);
            }
            return COMMON.contains(name)
                    ? text
                    : "local function counted()\n" + text + "\nend\nlocal answer = {counted()}\n"
                            + "redis.call('ZADD', '" + TOUCHED + "', 'GT', math.max(named, widest), '" + name + "')\n"
                            + "redis.call('ZADD', '" + COMMANDS + "', 'GT', commands, '" + name + "')\n"
                            + "return unpack(answer)\n";
        });
    }

    /** Returns how many entries a run of each script has touched at most. */
    static Map<String, Long> touched(RedisServer redis) {
        return scores(redis, TOUCHED);
    }

    /** Returns how many commands a run of each script has needed at most. */
    static Map<String, Long> commands(RedisServer redis) {
        return scores(redis, COMMANDS);
    }

    private static Map<String, Long> scores(RedisServer redis, String key) {
        var found = redis.command("ZRANGE", key, "0", "-1", "WITHSCORES").texts();
        Map<String, Long> scores = new TreeMap<>();
        for (int i = 0; i < found.size(); i += 2) {
            scores.put(found.get(i), (long) Double.parseDouble(found.get(i + 1)));
        }
        return scores;
    }

    /** Takes away what was noted, so that Redis holds the store alone. */
    static void forget(RedisServer redis) {
        redis.command("DEL", TOUCHED, COMMANDS);
    }
}
