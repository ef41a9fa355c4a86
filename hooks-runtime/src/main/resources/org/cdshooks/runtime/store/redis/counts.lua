-- ARGV: now, task ('' for the whole store). Returns total or tasks, waiting, queued, doing, failed, and of the whole
-- store the tasks that are paused.
local task = ARGV[2]
if task == '' then
  local timers_of_all = call('ZCARD', TIMERS)
  for _, type in ipairs(call('SMEMBERS', TIMER_TYPES)) do
    timers_of_all = timers_of_all + call('ZCARD', timers(type))
  end
  local removed = call('HMGET', REMOVED_COUNTS, 'waiting', 'doing', 'failed')
  return {
    call('ZCARD', TASKS),
    timers_of_all + call('ZCARD', DUE) - (removed[1] or 0),
    tonumber(call('HGET', META, 'queued') or 0),
    call('ZCARD', LEASES) - (removed[2] or 0),
    call('ZCARD', DEAD) - (removed[3] or 0),
    call('ZCOUNT', PAUSED, '(' .. int(micros()), '+inf')
  }
end
local total = 0
for type in types_of(task) do
  total = total + call('ZCARD', index(type, task))
end
local known = call('HMGET', state(task), 'waiting', 'doing')
return {
  total,
  tonumber(known[1] or 0),
  call('ZCARD', line(task)),
  tonumber(known[2] or 0),
  call('ZCARD', failed(task))
}
