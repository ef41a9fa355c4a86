-- Begins, or goes on with what was begun. Returns 1 if all keys have been looked at.
if not mine() then
  return 'lost'
end
if call('EXISTS', ADOPTING) == 0 then
  call('HSET', ADOPTING, 'generation', call('HINCRBY', META, 'generation', 1), 'total', call('ZCARD', TASKS))
  call('UNLINK', DUE, TIMERS, LEASES, CLAIMS, DEAD, BLOCKED, PROBLEMS)
  call('HDEL', META, 'queued')
end
return tonumber(call('HGET', ADOPTING, 'scanned') or 0)
