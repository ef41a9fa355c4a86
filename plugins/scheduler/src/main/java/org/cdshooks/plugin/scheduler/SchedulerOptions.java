package org.cdshooks.plugin.scheduler;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cdshooks.api.MissedRuns;
import org.cdshooks.api.Overlap;
import org.cdshooks.api.Schedule;
import org.cdshooks.api.Trigger;
import org.cdshooks.api.config.ConfigDef;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.toolkit.FlatJson;
import org.cdshooks.toolkit.JsonFlattener;
import org.cdshooks.toolkit.Numbers;

/** The options of a scheduler task, and what they mean together. */
final class SchedulerOptions {
    static final ConfigOption<String> CRON = ConfigOption.string(
            "cron",
            "When to fire, as a cron expression: minute, hour, day of month, month, day of week; a year may follow, and"
                    + " then a second may come first. Or @hourly, @daily, @weekly, @monthly, @yearly.");
    static final ConfigOption<String> TIMEZONE = ConfigOption.string(
                    "timezone",
                    "The IANA time zone of cron, and of at if that gives none, such as Europe/Paris; Local is the zone"
                            + " of the machine.")
            .withDefault("UTC");
    static final ConfigOption<String> PAYLOAD = ConfigOption.string(
            "payload", "JSON whose values go along with each run, such as {\"git.branch\":\"master\"}.");
    static final ConfigOption<String> AT = ConfigOption.string(
            "at",
            "Fire once, at this point in time: 2027-03-01T08:00:00Z, or 2027-03-01T09:00:00 for local time in"
                    + " timezone.");
    static final ConfigOption<Duration> EVERY = ConfigOption.duration(
                    "every", "Fire at a fixed interval: at its multiples since 1970-01-01T00:00:00Z.")
            .where(EverySchedule::isPossible, "must be from 1s to 366d, in whole milliseconds");
    static final ConfigOption<String> MISSED = ConfigOption.choice(
                    "missed",
                    "What becomes of runs that were missed while the service was down: the newest is run (LAST), none"
                            + " is (NONE), or all of the last 24 hours are, at most 100 (ALL).",
                    names(MissedRuns.values()))
            .withDefault(MissedRuns.LAST.name());
    static final ConfigOption<String> OVERLAP = ConfigOption.choice(
                    "overlap",
                    "What becomes of a run that is due while an earlier one is unfinished: it is left out (SKIP) or"
                            + " runs beside it (ALLOW).",
                    names(new Overlap[] {Overlap.SKIP, Overlap.ALLOW}))
            .withDefault(Overlap.SKIP.name());
    static final ConfigOption<Duration> SPREAD = ConfigOption.duration(
                    "spread",
                    "Start up to this much later than due, always by the same for the same run, so that many tasks do"
                            + " not start in one second.")
            .withDefault(Duration.ZERO)
            .where(spread -> !spread.isNegative(), "must not be negative");
    static final ConfigOption<String> DST = ConfigOption.choice(
                    "dst",
                    "When cron fires at local times that exist twice because clocks are set back: once, where CDS does"
                            + " (cds); or as time elapses (elapsed): at the first, and hours given by * or / at both.",
                    RepeatedTimes.CDS.word(),
                    RepeatedTimes.ELAPSED.word())
            .withDefault(RepeatedTimes.CDS.word());
    static final ConfigOption<String> NUMBERS = ConfigOption.choice(
                    "numbers",
                    "How numbers of the payload are written: whole ones with all digits (exact), or as CDS does (go):"
                            + " 1000000 as 1e+06.",
                    Numbers.EXACT.word(),
                    Numbers.GO.word())
            .withDefault(Numbers.EXACT.word());

    static final ConfigDef ALL =
            ConfigDef.of(CRON, TIMEZONE, AT, EVERY, PAYLOAD, MISSED, OVERLAP, SPREAD, DST, NUMBERS);

    private SchedulerOptions() {}

    /** Returns all that is wrong with a task that is stored now. */
    static List<ConfigProblem> problems(HookConfig config, Instant now) {
        List<ConfigProblem> problems = new ArrayList<>();
        Optional<Schedule> schedule = schedule(config, problems);
        if (schedule.isPresent() && schedule.get().next(now).isEmpty()) {
            ConfigOption<String> option = written(config, AT).isPresent() ? AT : CRON;
            problems.add(new ConfigProblem(
                    option.name(), "never fires again: '" + config.get(option).strip() + "' is past, now is " + now));
        }
        payload(config)
                .flatMap(json -> flatten(config, json).problem())
                .ifPresent(problem -> problems.add(new ConfigProblem(
                        PAYLOAD.name(), problem + "; write an object such as {\"git.branch\":\"master\"}")));
        return List.copyOf(problems);
    }

    /**
     * Returns the schedule of a stored task.
     *
     * @throws IllegalStateException if this machine can make none, such as for want of a time zone
     */
    static Schedule scheduleOf(HookConfig config) {
        List<ConfigProblem> problems = new ArrayList<>();
        return schedule(config, problems)
                .orElseThrow(() -> new IllegalStateException(problems.stream()
                        .map(problem -> problem.option() + ": " + problem.message())
                        .collect(Collectors.joining("; "))));
    }

    /** Returns the JSON that goes along, if there is any. */
    static Optional<String> payload(HookConfig config) {
        return written(config, PAYLOAD);
    }

    static FlatJson flatten(HookConfig config, String json) {
        return JsonFlattener.with(Numbers.of(config.get(NUMBERS))).flattenAny(json);
    }

    static Trigger triggerOf(HookConfig config) {
        return Trigger.timer(scheduleOf(config))
                .missedRuns(MissedRuns.valueOf(config.get(MISSED)))
                .overlap(Overlap.valueOf(config.get(OVERLAP)))
                .spread(config.get(SPREAD));
    }

    /** Returns the schedule, or adds what is in its way to the problems, or both. */
    private static Optional<Schedule> schedule(HookConfig config, List<ConfigProblem> problems) {
        Optional<ZoneId> zone = read(TIMEZONE, () -> TimeZones.find(config.get(TIMEZONE)), problems);
        Optional<String> cron = written(config, CRON);
        Optional<String> at = written(config, AT);
        Optional<Duration> every = config.find(EVERY);
        List<String> given = new ArrayList<>();
        cron.ifPresent(text -> given.add(CRON.name()));
        at.ifPresent(text -> given.add(AT.name()));
        every.ifPresent(interval -> given.add(EVERY.name()));
        if (given.isEmpty()) {
            problems.add(new ConfigProblem(
                    CRON.name(), "is required: a cron expression such as '0 8 * * *', or give one of at and every"));
        } else if (given.size() > 1) {
            problems.add(new ConfigProblem("", "only one of cron, at and every can be given, not " + given));
        }
        // Each is read even if there is one too many: its author gets all mistakes at once.
        ZoneId assumed = zone.orElse(ZoneOffset.UTC);
        List<Schedule> schedules = new ArrayList<>();
        cron.flatMap(text -> read(CRON, () -> cron(config, text, assumed), problems))
                .ifPresent(schedules::add);
        at.flatMap(text -> read(AT, () -> OnceSchedule.parse(text, assumed), problems))
                .ifPresent(schedules::add);
        every.ifPresent(interval -> schedules.add(new EverySchedule(interval)));
        return zone.isPresent() && given.size() == 1 ? schedules.stream().findFirst() : Optional.empty();
    }

    private static Schedule cron(HookConfig config, String text, ZoneId zone) {
        return new CronSchedule(CronParser.parse(text), zone, RepeatedTimes.of(config.get(DST)));
    }

    private static <T> Optional<T> read(ConfigOption<?> option, Supplier<T> value, List<ConfigProblem> problems) {
        try {
            return Optional.of(value.get());
        } catch (IllegalArgumentException e) {
            problems.add(new ConfigProblem(option.name(), String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    /** Forms send fields that were left blank as empty texts. */
    private static Optional<String> written(HookConfig config, ConfigOption<String> option) {
        return config.find(option).filter(text -> !text.isBlank());
    }

    private static String[] names(Enum<?>[] values) {
        return Stream.of(values).map(Enum::name).toArray(String[]::new);
    }
}
