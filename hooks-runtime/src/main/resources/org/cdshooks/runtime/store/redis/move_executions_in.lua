-- Brings executions of a task in.
-- ARGV: now, who, task, then of each: type, timestamp, JSON, place, when it is due, order, crashes
needs_memory()
if not mine() then
  return 'lost'
end
local task = ARGV[3]
for i = 4, #ARGV, 7 do
  local type, timestamp, json, where = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local key = execution(type, task, timestamp)
  if not call('ZSCORE', index(type, task), timestamp) then
    local types = call('HGET', state(task), 'types') or ''
    if not string.find('\n' .. types, '\n' .. type .. '\n', 1, true) then
      call('HSET', state(task), 'types', types .. type .. '\n')
    end
    call('SET', key, json)
    call('ZADD', index(type, task), timestamp, timestamp)
    remember_crashes(key, tonumber(ARGV[i + 6]))
    if where == 'Q' then
      call('ZADD', line(task), ARGV[i + 5], key)
      call('HINCRBY', META, 'queued', 1)
      if tonumber(ARGV[i + 5]) > tonumber(call('HGET', META, 'order') or 0) then
        call('HSET', META, 'order', ARGV[i + 5])
      end
    elseif where == 'T' then
      call('HSET', state(task), 'timer', key)
      wait_to_ring(task, key, ARGV[i + 4])
    elseif where == 'R' then
      wait_until(DUE, task, key, ARGV[i + 4])
    else
      finish(task, key, where == 'D')
    end
  end
end
announce(task)
return 1
