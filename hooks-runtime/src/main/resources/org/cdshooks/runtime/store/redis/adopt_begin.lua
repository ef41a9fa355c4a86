-- Begins, or goes on with what was begun. Returns 1 if all keys have been looked at.
if not mine() then
  return 'lost'
end
if call('EXISTS', ADOPTING) == 0 then
  call('HSET', ADOPTING, 'generation', call('HINCRBY', META, 'generation', 1), 'total', call('ZCARD', TASKS))
  for _, type in ipairs(call('SMEMBERS', TIMER_TYPES)) do
    call('UNLINK', timers(type))
  end
  call('UNLINK', TIMER_TYPES, DUE, TIMERS, LEASES, CLAIMS, DEAD, BLOCKED, PROBLEMS)
  call('HDEL', META, 'queued')
end
return tonumber(call('HGET', ADOPTING, 'scanned') or 0)
