-- ARGV: now. Returns when the first timer and the first retry are due, and when the first lease ends.
local first = {}
for i, collection in ipairs({TIMERS, DUE, LEASES}) do
  local head = call('ZRANGE', collection, 0, 0, 'WITHSCORES')
  first[i] = head[2] and int(tonumber(head[2])) or ''
end
return first
