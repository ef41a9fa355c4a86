-- Queues executions whose back-off is over.
-- ARGV: now, how many
local due = call('ZRANGEBYSCORE', DUE, '-inf', int(micros()), 'LIMIT', 0, ARGV[2])
for _, key in ipairs(due) do
  if is_there(key) then
    local _, task = parts(key)
    call('ZREM', DUE, key)
    call('HINCRBY', state(task), 'waiting', -1)
    enqueue(task, key)
  else
    erase_removed(key)
  end
end
return #due
