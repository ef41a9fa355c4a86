-- Rings a timer.
-- ARGV: now, key, revision of the task ('0' any), JSON if it runs ('' keeps it), JSON if it is recorded instead of run, JSON if
-- it is skipped when the task is busy ('merge' forgets it then, with what was missed), next run (4), then for each missed run: type, timestamp, JSON, JSON if it is skipped
local key = ARGV[2]
local _, task = parts(key)
if call('HGET', state(task), 'timer') ~= key
    or (ARGV[3] ~= '0' and call('HGET', state(task), 'revision') ~= ARGV[3]) then
  return 'stale'
end
needs_memory()
local known = call('HMGET', state(task), 'waiting', 'doing')
local unfinished = call('ZCARD', line(task)) + known[1] + (known[2] or 0)
local busy = ARGV[6] ~= '' and unfinished > 1
local recorded = ARGV[5] ~= ''
local missed = #ARGV > 10
call('HDEL', state(task), 'timer')
if busy and ARGV[6] == 'merge' then
  erase(task, key)
  if ARGV[7] ~= '' then
    wait_for_timer(task, ARGV[7], ARGV[8], ARGV[9], ARGV[10])
  end
  return 'merged'
end
stop_waiting(key)
call('HINCRBY', state(task), 'waiting', -1)
if recorded or busy then
  call('SET', key, recorded and ARGV[5] or ARGV[6])
  finish(task, key, true)
else
  if ARGV[4] ~= '' then
    call('SET', key, ARGV[4])
  end
  enqueue(task, key)
end
for i = 11, #ARGV, 4 do
  if busy then
    finish(task, insert(task, ARGV[i], ARGV[i + 1], ARGV[i + 3]), true)
  else
    enqueue(task, insert(task, ARGV[i], ARGV[i + 1], ARGV[i + 2]), nil)
  end
end
if ARGV[7] ~= '' then
  wait_for_timer(task, ARGV[7], ARGV[8], ARGV[9], ARGV[10])
end
return busy and (not recorded or missed) and 'skipped' or 'rung'
