-- All is taken over. Returns how many problems there are.
if not mine() then
  return 'lost'
end
local problems = tonumber(call('HGET', ADOPTING, 'problems') or 0)
call('HSET', META, 'layout', LAYOUT, 'newest', call('ZRANGE', TASKS, -1, -1, 'WITHSCORES')[2] or '0')
call('UNLINK', ADOPTING, ADOPTING_QUEUE, ADOPTING_ORDER, ADOPTING_TYPES, ADOPTING_LOCK)
wake()
return problems
