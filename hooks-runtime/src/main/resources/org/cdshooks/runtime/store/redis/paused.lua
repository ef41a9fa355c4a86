-- Returns until when a task is paused, in microseconds; 0 if it is not.
-- ARGV: now, task
local ends = call('HGET', state(ARGV[2]), 'paused')
return ends and tonumber(ends) > micros() and ends or 0
