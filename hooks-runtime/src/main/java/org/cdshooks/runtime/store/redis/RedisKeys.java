package org.cdshooks.runtime.store.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.cdshooks.api.TaskId;
import org.cdshooks.runtime.store.TaskStore;
import org.cdshooks.runtime.task.ExecutionKey;

/**
 * All keys of the store, the only place that builds them: for Java, and as the beginning of every script. The first five are
 * the layout that CDS documents, behind the prefix {@code hooks}:
 *
 * <pre>
 * hooks:tasks                                        sorted set: task, by creation
 * hooks:tasks:&lt;task&gt;                                 task as JSON
 * hooks:tasks:executions:&lt;type&gt;:&lt;task&gt;               sorted set: timestamps of its executions
 * hooks:tasks:executions:&lt;type&gt;:&lt;task&gt;:&lt;timestamp&gt;   execution as JSON
 * hooks:scheduler:queue                              list: of each task that has work, the execution that is next
 * </pre>
 *
 * <p>The task's part of a key is never one of the words {@code executions}, {@code revisions}, {@code state}, {@code done},
 * {@code failed}, {@code dedupe}, {@code trace} and {@code quarantine} followed by a colon, since an id has no colon.
 *
 * @param prefix what all keys begin with; on Redis Cluster with a hash tag, so that all keys are in one slot
 */
record RedisKeys(String prefix) {

    /** Checks the prefix, which is written into scripts. */
    RedisKeys {
        if (!prefix.matches("[A-Za-z0-9._:{}-]{1,64}")) {
            throw new IllegalArgumentException("is 1 to 64 of A-Z a-z 0-9 . _ - : { }, not '" + prefix + "'");
        }
    }

    String tasks() {
        return prefix + ":tasks";
    }

    String task(String task) {
        return tasks() + ":" + task;
    }

    String index(String type, String task) {
        return executions() + type + ":" + task;
    }

    String execution(ExecutionKey key) {
        return index(key.type(), key.task().value()) + ":" + key.timestamp();
    }

    /** What all keys of executions begin with. */
    String executions() {
        return tasks() + ":executions:";
    }

    String queue() {
        return prefix + ":scheduler:queue";
    }

    String meta() {
        return prefix + ":scheduler:meta";
    }

    String nodes() {
        return prefix + ":nodes";
    }

    /** What was found when CDS's own service was taken over from, in words, by when it was found. */
    String problems() {
        return prefix + ":adopted:problems";
    }

    /** Where nodes tell each other what there is to do. */
    String channel() {
        return prefix + ":events";
    }

    /** Reads the key of an execution. */
    ExecutionKey parse(String key) {
        String[] parts = key.substring(executions().length()).split(":");
        return new ExecutionKey(parts[0], new TaskId(parts[1]), Long.parseLong(parts[2]));
    }

    /** Tells whether the part of a prefix that Redis Cluster hashes is marked, so that all keys share a slot. */
    boolean hasHashTag() {
        int open = prefix.indexOf('{');
        return open >= 0 && prefix.indexOf('}') > open + 1;
    }

    byte[] routing() {
        return tasks().getBytes(UTF_8);
    }

    /** The same names for scripts. */
    String lua() {
        return """
                local TASKS = 'P:tasks'
                local EXECUTIONS = 'P:tasks:executions:'
                local QUEUE = 'P:scheduler:queue'
                local DUE = 'P:scheduler:due'
                local TIMERS = 'P:scheduler:timers'
                local TIMER_TYPES = 'P:scheduler:timers:types'
                local LEASES = 'P:scheduler:leases'
                local CLAIMS = 'P:scheduler:claims'
                local DEAD = 'P:scheduler:dead'
                local BLOCKED = 'P:scheduler:blocked'
                local PAUSED = 'P:scheduler:paused'
                local META = 'P:scheduler:meta'
                local NOTHING = 'P:nothing'
                local REMOVED = 'P:removed'
                local REMOVED_COUNTS = 'P:removed:counts'
                local ERASER = 'P:removed:eraser'
                local AGREED = 'P:agreed'
                local NODES = 'P:nodes'
                local LISTENERS = 'P:listeners'
                local LISTENING = 'P:listeners:leases'
                local CHANNEL = 'P:events'
                local EVERY_KEY = 'P:*'
                local MAX_CRASHES = %d
                local LAYOUT = '1'
                local ADOPTING = 'P:adopting'
                local ADOPTING_LOCK = 'P:adopting:lock'
                local ADOPTING_MILLIS = 10000
                local ADOPTING_QUEUE = 'P:adopting:queue'
                local ADOPTING_ORDER = 'P:adopting:order'
                local ADOPTING_TYPES = 'P:adopting:types'
                local MOVED = 'P:adopting:moved'
                local ASIDE = 'P:adopted:aside'
                local ASIDE_QUEUE = 'P:adopted:aside:queue'
                local PROBLEMS = 'P:adopted:problems'
                local function task_key(task) return 'P:tasks:' .. task end
                local function index(type, task) return EXECUTIONS .. type .. ':' .. task end
                local function execution(type, task, timestamp) return index(type, task) .. ':' .. timestamp end
                local function revisions(task) return 'P:tasks:revisions:' .. task end
                local function state(task) return 'P:tasks:state:' .. task end
                local function done(task) return 'P:tasks:done:' .. task end
                local function failed(task) return 'P:tasks:failed:' .. task end
                local function dedupe(task, delivery) return 'P:tasks:dedupe:' .. task .. ':' .. delivery end
                local function requests(kind, task) return 'P:tasks:' .. kind .. ':' .. task end
                local function removed(task, name) return 'P:removed:' .. task .. ':' .. name end
                local function once(what) return 'P:once:' .. what end
                local function line(task) return 'P:scheduler:queue:' .. task end
                local function timers(type) return 'P:scheduler:timers:of:' .. type end
                local function request(token) return 'P:scheduler:request:' .. token end
                """.formatted(TaskStore.MAX_CRASHES).replace("P:", prefix + ":");
    }
}
