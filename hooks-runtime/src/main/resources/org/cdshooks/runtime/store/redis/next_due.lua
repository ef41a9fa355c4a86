-- ARGV: now, then the hook types whose timers count (all if there are none). Returns when the first timer and the first retry
-- are due, when the first lease ends, and what the time is.
local now = int(micros())

-- What a version before this one has left: timers of all types in one set.
local old = call('ZRANGE', TIMERS, 0, STEP - 1, 'WITHSCORES')
if #old > 0 then
  runs_when_full()
end
for i = 1, #old, 2 do
  local type = parts(old[i])
  if type then
    call('SADD', TIMER_TYPES, type)
    call('ZADD', timers(type), old[i + 1], old[i])
  end
  call('ZREM', TIMERS, old[i])
end

local timer = call('EXISTS', TIMERS) == 1 and now or '' -- the caller is to come again at once
for _, type in ipairs(types_from(2)) do
  local head = call('ZRANGE', timers(type), 0, 0, 'WITHSCORES')[2]
  if head and (timer == '' or tonumber(head) < tonumber(timer)) then
    timer = int(tonumber(head))
  end
end
local first = {timer}
for i, collection in ipairs({DUE, LEASES}) do
  local head = call('ZRANGE', collection, 0, 0, 'WITHSCORES')
  first[i + 1] = head[2] and int(tonumber(head[2])) or ''
end
first[4] = now
return first
