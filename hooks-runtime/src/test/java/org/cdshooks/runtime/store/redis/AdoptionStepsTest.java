package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cdshooks.runtime.store.redis.CdsRedis.request;
import static org.cdshooks.runtime.store.redis.CdsRedis.scheduled;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cdshooks.runtime.store.TurnedClock;
import org.cdshooks.testbed.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the single steps do by which a Redis is taken over that CDS's own service has filled. */
class AdoptionStepsTest {
    private static final String TYPE = "Asked";
    private static final String INDEX = "hooks:tasks:executions:" + TYPE + ":asked";

    private static RedisServer redis;

    private final String now = Long.toString(Micros.passed(new TurnedClock().instant()));
    private CdsRedis cds;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void emptyRedis() throws Exception {
        redis.command("FLUSHALL");
        cds = new CdsRedis(redis);
        cds.task("asked", TYPE);
    }

    /** Sees each step before and after it is done. */
    interface Witness {
        default void before(Script script) {}

        default void after(Script script, Answer answer) {}
    }

    private void takeOver(Witness witness) {
        RedisKeys keys = new RedisKeys("hooks");
        try (Link link = RedisFixtures.link(redis)) {
            link.run(Link.Use.WORK, Script.LAYOUT, now, "node", "1");
            new Takeover(keys, "node", 3, () -> now, (script, arguments) -> {
                        witness.before(script);
                        Answer answer = link.run(Link.Use.WORK, script, arguments);
                        witness.after(script, answer);
                        return answer;
                    })
                    .run();
        }
    }

    @Test
    void keysThatAreNoneOfCdsAreToldAndLeftAsTheyAre() throws Exception {
        cds.save(request(TYPE, "asked", 1, ""));
        redis.command("HSET", INDEX + ":8", "no", "text");
        redis.command("SET", "hooks:tasks:executions:Od\"d:asked:9", "{}");
        redis.command("ZADD", "hooks:tasks:executions:Ev\"en:asked", "1", "1");
        redis.command("SET", INDEX + ":word", "{}");
        redis.command("SET", INDEX + ":12345678901234567890", "{}");
        redis.command("ZADD", "hooks:tasks:executions:" + TYPE + ":nobody", "1", "1");
        redis.command("HSET", "hooks:tasks:list", "no", "text");
        redis.command("SET", "hooks:tasks:a b", "{}");
        String tooLong = "hooks:tasks:" + "a".repeat(256);
        redis.command("SET", tooLong, "{}");
        redis.command("SET", "hooks:tasks:executions:lone", "{}");
        redis.command("SET", "hooks:tasks:dedupe:asked:0123456789abcdef0123456789abcdef", "remembered");
        Map<String, Object> before = cds.everything();
        before.remove(INDEX);

        takeOver(new Witness() {});

        assertThat(cds.everything()).containsAllEntriesOf(before);
        assertThat(redis.command("EXISTS", "hooks:tasks:executions:Od\"d:asked").number())
                .isZero();
        assertThat(cds.hash("hooks:tasks:state:asked")).containsEntry("types", TYPE);
        String left = " is left as it is: ";
        assertThat(cds.problems())
                .containsExactlyInAnyOrder(
                        INDEX + ":8" + left + "it is no execution",
                        "hooks:tasks:executions:Od\"d:asked:9" + left + "it is no execution",
                        "hooks:tasks:executions:Ev\"en:asked" + left + "it is no index of executions",
                        INDEX + ":word" + left + "its timestamp can not be",
                        INDEX + ":12345678901234567890" + left + "its timestamp can not be",
                        "hooks:tasks:executions:" + TYPE + ":nobody" + left + "its task is not there",
                        "hooks:tasks:list" + left + "it is no task",
                        "hooks:tasks:a b" + left + "it is no task",
                        tooLong + left + "it is no task",
                        "hooks:tasks:executions:lone" + left + "it is the key of nothing known");
    }

    @Test
    void whatIsPutAsideIsNoTaskThatIsStillToBeTakenOver() throws Exception {
        cds.saveTask("cut", "{\"uuid\":");
        redis.command("SET", cds.save(request(TYPE, "asked", 1, "")), "not JSON");
        Map<String, String> atTheEnd = new HashMap<>();

        takeOver(new Witness() {
            @Override
            public void before(Script script) {
                if (script == Script.ADOPT_END) {
                    atTheEnd.putAll(cds.hash("hooks:adopting"));
                }
            }
        });

        assertThat(atTheEnd).containsEntry("done", "1").containsEntry("total", "1");
        assertThat(cds.problems()).hasSize(2);
    }

    @Test
    void aPageIsBoundedByNumberAndBySize() throws Exception {
        cds.task("large", TYPE);
        for (int i = 1; i <= 300; i++) {
            cds.save(request(TYPE, "asked", i, ""));
        }
        for (int i = 1; i <= 4; i++) {
            ObjectNode execution = request(TYPE, "large", i, "");
            cds.save(execution.put("padding", "x".repeat(3 << 20)));
        }
        List<Long> sizes = new ArrayList<>();

        takeOver(new Witness() {
            @Override
            public void after(Script script, Answer answer) {
                if (script == Script.ADOPT_EXECUTIONS) {
                    sizes.add(answer.stream().count() - 1);
                }
            }
        });

        assertThat(sizes).containsExactlyInAnyOrder(200L, 100L, 0L, 2L, 2L, 0L);
    }

    @Test
    void anExecutionThatGoesMeanwhileGetsNoPlace() throws Exception {
        String stays = cds.save(request(TYPE, "asked", 1, ""));
        String goes = cds.save(request(TYPE, "asked", 2, ""));
        String went = INDEX + ":3";
        for (String key : List.of(stays, goes, went)) {
            cds.queue(key);
        }
        List<String> order = new ArrayList<>();

        takeOver(new Witness() {
            @Override
            public void before(Script script) {
                if (script == Script.ADOPT_PLACE) {
                    order.addAll(redis.command("ZRANGE", "hooks:adopting:order", "0", "-1")
                            .texts());
                    redis.command("DEL", goes);
                }
            }
        });

        assertThat(order).containsExactly(stays, goes);
        assertThat(redis.command("ZRANGE", "hooks:scheduler:queue:asked", "0", "-1")
                        .texts())
                .containsExactly(stays);
        assertThat(cds.hash("hooks:scheduler:meta")).containsEntry("queued", "1");
    }

    @Test
    void whatWasNotedBesideTheLayoutIsMadeAnew() throws Exception {
        String key = cds.save(request(TYPE, "asked", 1, ""));
        for (String places : List.of("tasks:done", "tasks:failed", "scheduler:queue")) {
            redis.command("ZADD", "hooks:" + places + ":asked", "1", key, "2", INDEX + ":2");
        }

        takeOver(new Witness() {});

        assertThat(redis.command("EXISTS", "hooks:tasks:done:asked", "hooks:tasks:failed:asked")
                        .number())
                .isZero();
        assertThat(redis.command("ZRANGE", "hooks:scheduler:queue:asked", "0", "-1")
                        .texts())
                .containsExactly(key);
    }

    @Test
    void aQueueThatIsNoneIsPutAside() {
        redis.command("SET", "hooks:scheduler:queue", "no list");

        takeOver(new Witness() {});

        assertThat(redis.command("GET", "hooks:adopted:aside:queue:1").text()).isEqualTo("no list");
        assertThat(cds.problems())
                .containsExactly("hooks:scheduler:queue was no list and is now hooks:adopted:aside:queue:1");
    }

    @Test
    void aTimersRunThatGoesMeanwhileOrHasItsPlaceDoesNotWait() throws Exception {
        for (String place : List.of("", "hooks:tasks:done:asked")) {
            emptyRedis();
            long later = (Long.parseLong(now) + 60_000_000) * 1000;
            String key = cds.save(scheduled(TYPE, "asked", later, "SCHEDULED"));

            takeOver(new Witness() {
                @Override
                public void before(Script script) {
                    if (script == Script.ADOPT_TASK && place.isEmpty()) {
                        redis.command("DEL", key);
                    } else if (script == Script.ADOPT_TASK) {
                        redis.command("ZADD", place, "1", key);
                    }
                }
            });

            assertThat(cds.hash("hooks:tasks:state:asked"))
                    .containsKey("revision")
                    .doesNotContainKey("timer");
            assertThat(redis.command("EXISTS", "hooks:scheduler:timers:of:" + TYPE)
                            .number())
                    .isZero();
        }
    }

    @Test
    void aTaskWasMadeWhenItsScoreSaysOrElseNow() throws Exception {
        cds.task("ages", TYPE);
        cds.task("never", TYPE);
        redis.command("ZADD", "hooks:tasks", "1795489138500000000", "asked", "1e19", "ages", "0", "never");

        takeOver(new Witness() {});

        assertThat(cds.hash("hooks:tasks:state:asked")).containsEntry("created", "1795489138500000000");
        for (String task : List.of("ages", "never")) {
            assertThat(cds.hash("hooks:tasks:state:" + task)).containsEntry("created", now + "000");
        }
    }

    @Test
    void aThousandProblemsAreToldAndAllAreCounted() {
        for (int i = 0; i < 1005; i++) {
            cds.queue("junk-" + i);
        }
        List<Long> problems = new ArrayList<>();

        takeOver(new Witness() {
            @Override
            public void after(Script script, Answer answer) {
                if (script == Script.ADOPT_END) {
                    problems.add(answer.number());
                }
            }
        });

        assertThat(cds.problems()).hasSize(1000);
        assertThat(problems).containsExactly(1005L);
    }
}
