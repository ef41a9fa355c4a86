-- Lets the first execution do something, and no other within a time. Safe to run twice.
-- ARGV: now, hash of what is to be done, key of the execution, window, key of the execution that did not do it (or empty)
runs_when_full()
local now = micros()
local what = once(ARGV[2])
local before = call('GET', what)
if before then
  local ends, key = string.match(before, '^(%S+) (.*)$')
  if tonumber(ends) > now and key ~= ARGV[5] then
    return key
  end
end
local window = tonumber(ARGV[4])
call('SET', what, int(now + window) .. ' ' .. ARGV[3], 'PX', int(math.max(1, math.ceil(window / 1000))))
return ARGV[3]
