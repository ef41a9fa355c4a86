-- Removes a task with everything of it. What is remembered of deliveries names the task's first
-- revision and so counts no more.
-- ARGV: now, task, who tells
local task = ARGV[2]
if call('ZREM', TASKS, task) == 0 then
  return 0
end
for type in types_of(task) do
  for _, timestamp in ipairs(call('ZRANGE', index(type, task), 0, -1)) do
    erase(task, execution(type, task, timestamp))
  end
  call('DEL', index(type, task))
end
call('DEL', task_key(task), revisions(task), state(task), line(task), done(task), failed(task))
call('DEL', requests('trace', task), requests('quarantine', task))
call('ZREM', BLOCKED, task)
call('ZREM', PAUSED, task)
call('HDEL', LISTENERS, task)
call('ZREM', LISTENING, task)
told('task ' .. ARGV[3], task)
return 1
