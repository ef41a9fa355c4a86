-- Brings a task in, behind those that are there.
-- ARGV: now, who, task, JSON, score, revision, created, '1' and a cursor or '' and '', until when it is paused or 0,
-- since which revision it is what it is and when it got so, then for each one before: number, row
needs_memory()
if not mine() then
  return 'lost'
end
local task = ARGV[3]
if call('HEXISTS', state(task), 'revision') == 1 then
  return 0
end
local score = tonumber(ARGV[5])
local last = tonumber(call('ZRANGE', TASKS, -1, -1, 'WITHSCORES')[2] or 0)
if score <= last then
  score = last + 256 -- the least that a score of this size can tell
end
call('SADD', MOVED, task)
call('ZADD', TASKS, int(score), task)
call('HSET', META, 'newest', int(score)) -- so that it isn't taken for one of another service
call('SET', task_key(task), ARGV[4])
if tonumber(ARGV[6]) > tonumber(call('HGET', META, 'revision') or 0) then
  call('HSET', META, 'revision', ARGV[6])
end
for i = 13, #ARGV, 2 do
  call('ZADD', revisions(task), ARGV[i], ARGV[i + 1])
end
call('HSET', state(task), 'since', ARGV[11], 'changed', ARGV[12])
call('HSET', state(task), 'revision', ARGV[6], 'created', ARGV[7], 'first', call('HINCRBY', META, 'revision', 1))
if ARGV[8] == '1' then
  call('HSET', state(task), 'cursor', ARGV[9])
end
if ARGV[10] ~= '0' then
  call('HSET', state(task), 'paused', ARGV[10])
  call('ZADD', PAUSED, ARGV[10], task)
end
return 1
