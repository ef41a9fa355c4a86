/**
 * The hook type {@code Scheduler}: fires by a cron expression, at one point in time, or at a fixed interval.
 *
 * <p>{@link org.cdshooks.plugin.scheduler.SchedulerHookType} is the door. Behind it, text becomes a {@code
 * CronExpression} (which local times fit), and {@code CronSchedule} sets it into a time zone (which instants those are;
 * the rules for days on which clocks are changed stand there).
 */
@NullMarked
package org.cdshooks.plugin.scheduler;

import org.jspecify.annotations.NullMarked;
