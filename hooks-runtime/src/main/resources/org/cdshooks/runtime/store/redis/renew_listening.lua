-- Renews rights to listen.
-- ARGV: now, lease in microseconds, then task and right of each. Returns the numbers of those that have ended.
runs_when_full()
local now = micros()
runs_when_full()
local ends = int(now + ARGV[2])
local lost = {}
for i = 3, #ARGV, 2 do
  local until_then = call('HGET', LISTENERS, ARGV[i]) == ARGV[i + 1] and call('ZSCORE', LISTENING, ARGV[i])
  if until_then and tonumber(until_then) > now then
    call('ZADD', LISTENING, ends, ARGV[i])
  else
    lost[#lost + 1] = (i - 3) / 2
  end
end
return lost
