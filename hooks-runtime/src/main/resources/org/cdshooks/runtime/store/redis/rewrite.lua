-- Puts an execution with other JSON into another place, if nothing has happened to it since it was read.
-- ARGV: now, key, the place and JSON that it had, new JSON, 'Q' or 'F'
local key = ARGV[2]
local _, task = parts(key)
if not is_there(key) or call('GET', key) ~= ARGV[4] or place(task, key) ~= ARGV[3] then
  return 0
end
if ARGV[6] == 'Q' then
  needs_memory()
else
  runs_when_full()
end
if ARGV[3] == 'L' then
  leave(task, key)
elseif ARGV[3] == 'Q' then
  call('ZREM', line(task), key)
  call('HINCRBY', META, 'queued', -1)
elseif ARGV[3] == 'R' then
  call('ZREM', DUE, key)
  call('HINCRBY', state(task), 'waiting', -1)
else
  unfinish(task, key)
end
call('HDEL', CLAIMS, key)
call('SET', key, ARGV[5])
if ARGV[6] == 'Q' then
  enqueue(task, key)
else
  finish(task, key, false)
end
return 1
