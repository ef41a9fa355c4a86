-- Rings a timer.
-- ARGV: now, key, revision of the task ('0' any), JSON if it is recorded instead of run, JSON if it is skipped when the
-- task is busy, next run (4), then for each missed run: type, timestamp, JSON, JSON if it is skipped
local key = ARGV[2]
local _, task = parts(key)
if call('HGET', state(task), 'timer') ~= key
    or (ARGV[3] ~= '0' and call('HGET', state(task), 'revision') ~= ARGV[3]) then
  return 'stale'
end
local known = call('HMGET', state(task), 'waiting', 'doing')
local unfinished = call('ZCARD', line(task)) + known[1] + (known[2] or 0)
local busy = ARGV[5] ~= '' and unfinished > 1
local recorded = ARGV[4] ~= ''
local missed = #ARGV > 9
call('HDEL', state(task), 'timer')
call('ZREM', TIMERS, key)
call('HINCRBY', state(task), 'waiting', -1)
if recorded or busy then
  call('SET', key, recorded and ARGV[4] or ARGV[5])
  finish(task, key, true)
else
  enqueue(task, key)
end
for i = 10, #ARGV, 4 do
  if busy then
    finish(task, insert(task, ARGV[i], ARGV[i + 1], ARGV[i + 3]), true)
  else
    enqueue(task, insert(task, ARGV[i], ARGV[i + 1], ARGV[i + 2]), nil)
  end
end
if ARGV[6] ~= '' then
  wait_for_timer(task, ARGV[6], ARGV[7], ARGV[8], ARGV[9])
end
return busy and (not recorded or missed) and 'skipped' or 'rung'
