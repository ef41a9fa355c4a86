-- Removes a task with everything of it. What is remembered of deliveries names the task's first
-- revision and so counts no more.
-- ARGV: now, task, who tells. Returns 1 if there was one.
runs_when_full()
local task = ARGV[2]
if call('ZREM', TASKS, task) == 0 then
  return 0
end
remove_all(task, false)
call('DEL', task_key(task), revisions(task), state(task))
call('UNLINK', requests('trace', task), requests('quarantine', task))
call('ZREM', BLOCKED, task)
call('ZREM', PAUSED, task)
call('HDEL', LISTENERS, task)
call('ZREM', LISTENING, task)
told('task ' .. ARGV[3], task)
return 1
