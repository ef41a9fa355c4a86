-- Stores a new execution and queues it.
-- ARGV: now, task, type, timestamp, JSON, delivery's hash, window in microseconds, this call's own name, how many
-- unfinished ones the task may have, '1' and a cursor or '' and '', right to listen ('' if none is needed)
local task = ARGV[2]
local known = call('HMGET', state(task), 'first', 'waiting', 'doing')
if not known[1] then
  return {'none'}
end
if ARGV[12] ~= '' and call('HGET', LISTENERS, task) ~= ARGV[12] then
  return {'fenced'}
end
local now = micros()
local delivery = dedupe(task, ARGV[6])
local before = call('GET', delivery)
if before then
  local call_name, first, ends, key = string.match(before, '^(%S+) (%S+) (%S+) (.*)$')
  if first == known[1] and tonumber(ends) > now then
    local _, _, timestamp = parts(key)
    -- The same call once more, since its answer was lost: it has already done what it says.
    return {call_name == ARGV[8] and 'stored' or 'duplicate', key, timestamp}
  end
end
local unfinished = call('ZCARD', line(task)) + (known[2] or 0) + (known[3] or 0)
if unfinished >= tonumber(ARGV[9]) then
  return {'overloaded', unfinished}
end
local key, timestamp = insert(task, ARGV[3], ARGV[4], ARGV[5])
enqueue(task, key)
local window = tonumber(ARGV[7])
if window > 0 then
  call('SET', delivery, ARGV[8] .. ' ' .. known[1] .. ' ' .. int(now + window) .. ' ' .. key,
    'PX', int(math.ceil(window / 1000)))
end
if ARGV[10] == '1' then
  call('HSET', state(task), 'cursor', ARGV[11])
end
return {'stored', key, timestamp}
