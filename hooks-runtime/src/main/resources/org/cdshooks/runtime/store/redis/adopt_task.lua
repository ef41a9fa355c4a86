-- Takes a task over whose executions have their places, but for the one that waits for its timer.
-- ARGV: now, who, task, the types of its executions, the waiting run of its timer and when it is due, or '' and ''
if not mine() then
  return 'lost'
end
local task = ARGV[3]
local generation = call('HGET', ADOPTING, 'generation')
if call('HGET', state(task), 'generation') == generation then
  return 1
end
local score = tonumber(call('ZSCORE', TASKS, task) or 0)
if ARGV[5] ~= '' and call('EXISTS', ARGV[5]) == 1 and not placed(task, ARGV[5]) then
  call('HSET', state(task), 'timer', ARGV[5])
  wait_to_ring(task, ARGV[5], ARGV[6])
end
local revision = call('HINCRBY', META, 'revision', 1)
if not (score > 0 and score < 9.2e18) then
  score = micros() * 1000
end
call('HSETNX', state(task), 'created', int(score))
call('HSETNX', state(task), 'first', revision)
call('HSET', state(task), 'revision', revision, 'since', revision, 'types', ARGV[4], 'generation', generation)
call('HDEL', state(task), 'changed') -- the other service may have changed it at any time
announce(task)
call('HINCRBY', ADOPTING, 'done', 1)
return 1
