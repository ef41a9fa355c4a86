package org.cdshooks.runtime.store.redis;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The errors by which a Redis refuses commands, each with what it means and what an operator does about it. */
enum Refusal {
    LOADING("is loading its data into memory; the service goes on by itself when Redis has loaded the data"),
    MISCONF(
            "can't write its data to disk, and refuses writes because of that: make room on its disk, or look into the log of"
                    + " Redis for what is wrong with it; the service then goes on by itself"),
    NOREPLICAS(
            "has fewer replicas than its setting min-replicas-to-write demands, and refuses writes because of that: start"
                    + " the replicas, or lower that setting; the service then goes on by itself"),
    MASTERDOWN("is a replica that has lost its master: start the master, or let a Sentinel promote another one"),
    CLUSTERDOWN(
            "belongs to a Cluster that is down, since no master serves some of the slots: redis-cli --cluster check shows"
                    + " which; the service goes on by itself when the Cluster is up"),
    TRYAGAIN(
            "is moving the keys of the service to another node of its Cluster; the service goes on by itself when they have"
                    + " moved"),
    ASK(
            "is moving the keys of the service to another node of its Cluster; the service goes on by itself when they have moved"),
    MOVED("does not have the keys of the service, another node of its Cluster has: the service looks for that node. If"
            + " store.redis.url does not begin with redis-cluster://, begin it so, for this is a Cluster"),
    BUSY(
            "runs a script of another program that takes too long, and answers nothing else meanwhile: SCRIPT KILL ends such a"
                    + " script; the service then goes on by itself"),
    READONLY(
            "is a replica now; the service looks for the new master. If store.redis.url names a single Redis, let it name the"
                    + " master or the Sentinels"),
    WRONGPASS(
            "does not accept the login: set store.redis.password, and store.redis.username if Redis has named users, to a"
                    + " login that Redis knows"),
    NOAUTH("asks for a password, and none is set: set store.redis.password"),
    NOPERM(
            "does not allow the service's user what the service needs: give the user these commands on the keys and channels"
                    + " that begin with store.redis.prefix, such as ACL SETUSER <user> ~hooks:* &hooks:*"
                    + " +@read +@write +@scripting +@pubsub +@connection +time +info");

    /** An error begins with its code; an error inside a script has the code behind a minus sign. */
    private static final Pattern CODE = Pattern.compile("(?:^|-)([A-Z]+)(?= |$)");

    private final String meaning;

    Refusal(String meaning) {
        this.meaning = meaning;
    }

    /** Finds the refusal that an error of Redis is; empty if it is another error. */
    static Optional<Refusal> of(String error) {
        Matcher codes = CODE.matcher(error);
        while (codes.find()) {
            for (Refusal each : values()) {
                if (each.name().equals(codes.group(1))) {
                    return Optional.of(each);
                }
            }
        }
        return Optional.empty();
    }

    /** Says what an error of Redis means, behind the words for where Redis is. */
    static String words(String error) {
        return of(error).map(known -> known.meaning + " (" + error + ")").orElse("refused: " + error);
    }
}
