-- Lets a timer that is due wait for a while longer.
-- ARGV: now, key, for how long in microseconds
runs_when_full()
local key = ARGV[2]
local due = rings_at(key)
if due and tonumber(due) <= micros() then
  call('ZADD', timers(parts(key) or ''), 'XX', int(micros() + ARGV[3]), key)
end
return 1
