-- Takes this Redis to move what it holds, for a while, or for a while longer.
-- ARGV: now, who. Returns 'taken'; 'nodes', how many, one of them, when it is forgotten; 'leases', how many, when the last
-- ends; or 'busy', who.
local now = micros()
local alive = call('ZRANGEBYSCORE', NODES, '(' .. int(now), '+inf', 'WITHSCORES')
if #alive > 0 then
  return {'nodes', #alive / 2, alive[#alive - 1], int(tonumber(alive[#alive]))}
end
local last = call('ZREVRANGE', LEASES, 0, 0, 'WITHSCORES')
if last[2] and tonumber(last[2]) > now then
  return {'leases', call('ZCARD', LEASES), int(tonumber(last[2]))}
end
local owner = call('GET', ADOPTING_LOCK)
if owner and owner ~= ARGV[2] then
  return {'busy', owner}
end
call('SET', ADOPTING_LOCK, ARGV[2], 'PX', ADOPTING_MILLIS)
return {'taken'}
