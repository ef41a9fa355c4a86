-- Tells that a node is alive, and who else is.
-- ARGV: now, node, for how long in microseconds
local now = micros()
call('ZREMRANGEBYSCORE', NODES, '-inf', int(now))
if tonumber(ARGV[3]) > 0 then
  call('ZADD', NODES, int(now + ARGV[3]), ARGV[2])
else
  call('ZREM', NODES, ARGV[2])
end
return call('ZRANGE', NODES, 0, -1)
