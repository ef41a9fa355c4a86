-- Removes an entry of a log of requests, or all of them. Returns how many.
-- ARGV: now, kind, task, id or ''
local key = requests(ARGV[2], ARGV[3])
if ARGV[4] ~= '' then
  return call('HDEL', key, ARGV[4])
end
local count = call('HLEN', key)
call('DEL', key)
return count
