-- Pauses a task or lets it go on; returns 0 if there is none.
-- ARGV: now, task, until in microseconds
local task = ARGV[2]
if call('HEXISTS', state(task), 'revision') == 0 then
  return 0
end
runs_when_full()
if tonumber(ARGV[3]) > micros() then
  call('HSET', state(task), 'paused', ARGV[3])
  call('ZADD', PAUSED, ARGV[3], task)
else
  resume(task)
end
return 1
