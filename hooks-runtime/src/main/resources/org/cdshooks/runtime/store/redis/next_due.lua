-- ARGV: now. Returns when the first timer and the first retry are due, when the first lease ends, and what the time is.
local first = {}
for i, collection in ipairs({TIMERS, DUE, LEASES}) do
  local head = call('ZRANGE', collection, 0, 0, 'WITHSCORES')
  first[i] = head[2] and int(tonumber(head[2])) or ''
end
first[4] = int(micros())
return first
