-- Creates or replaces a task and the waiting run of its timer.
-- ARGV: now, task, JSON, revision that it must have ('' any, '-' it must not be there), who tells,
-- JSON that is kept of what it was ('' if nobody can see a change, 'stored' for what is stored), timer (4)
local task = ARGV[2]
local revision = call('HGET', state(task), 'revision')
if ARGV[4] ~= '' and ARGV[4] ~= (revision or '-') then
  return {}
end
local is_new = not revision
if is_new then
  local now = micros()
  -- Pages go by this order, so no two have the same: 256 is the least that a score of this size can tell.
  local score = now * 1000
  local last = call('ZRANGE', TASKS, -1, -1, 'WITHSCORES')
  if last[2] and tonumber(last[2]) >= score then
    score = tonumber(last[2]) + 256
  end
  call('ZADD', TASKS, int(score), task)
  call('HSET', state(task), 'created', int(now) .. '000')
  call('HSET', META, 'newest', int(score)) -- so that tasks of another service can be told
end
local before = revision
revision = call('HINCRBY', META, 'revision', 1)
call('HSET', state(task), 'revision', revision)
if not is_new then
  local former = ARGV[6]
  if former == 'stored' then
    former = call('GET', task_key(task))
    -- The same JSON is the same call once more, since its answer was lost.
    former = former ~= ARGV[3] and former or ''
  end
  keep_revision(task, before, revision, former)
else
  call('HSET', state(task), 'since', revision, 'changed', int(micros()) .. '000')
  call('HSET', state(task), 'first', revision) -- tells the task from one of the same id that was removed
end
call('SET', task_key(task), ARGV[3])
replace_timer(task, 7)
told('task ' .. ARGV[5], task)
return {revision, call('HGET', state(task), 'created')}
