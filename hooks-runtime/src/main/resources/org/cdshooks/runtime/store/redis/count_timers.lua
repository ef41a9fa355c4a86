-- Returns how many timers wait whose hook type is none of these.
-- ARGV: now, then the types
local known = {}
for i = 2, #ARGV do
  known[ARGV[i]] = true
end
local count = 0
for _, type in ipairs(call('SMEMBERS', TIMER_TYPES)) do
  if not known[type] then
    count = count + call('ZCARD', timers(type))
  end
end
return count
