-- Takes or renews the right to listen for a task.
-- ARGV: now, task, node, lease in microseconds. Returns the epoch; 0 if another node has the right.
local task = ARGV[2]
if call('HEXISTS', state(task), 'revision') == 0 then
  return 0
end
runs_when_full()
local now = micros()
local right = call('HGET', LISTENERS, task)
local ends = call('ZSCORE', LISTENING, task)
local node, epoch
if right and ends and tonumber(ends) > now then
  node, epoch = string.match(right, '^(.*) (%d+)$')
  if node ~= ARGV[3] then
    return 0
  end
else
  epoch = call('HINCRBY', META, 'epoch', 1)
  call('HSET', LISTENERS, task, ARGV[3] .. ' ' .. epoch)
end
call('ZADD', LISTENING, int(now + ARGV[4]), task)
return tonumber(epoch)
