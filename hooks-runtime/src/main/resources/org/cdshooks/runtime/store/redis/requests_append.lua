-- Adds entries to logs of requests, and drops the oldest of those that are too many, too long or too old.
-- ARGV: now, kind, how many a task may have, how many bytes, how long in microseconds; of each: task, id, value
local touched = {}
for i = 6, #ARGV, 3 do
  local task, id, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if call('HGET', state(task), 'first') then
    local key = requests(ARGV[2], task)
    local there = call('HGET', key, id)
    while there and there ~= value do -- the same one is the same call once more
      id = after(id)
      there = call('HGET', key, id)
    end
    call('HSET', key, id, value)
    touched[key] = true
  end
end
local oldest = int(math.max(0, (micros() - ARGV[5]) * 1000))
oldest = string.rep('0', 19 - #oldest) .. oldest
for key in pairs(touched) do
  local ids = call('HKEYS', key)
  table.sort(ids)
  local bytes = 0
  for i = #ids, 1, -1 do
    bytes = bytes + call('HSTRLEN', key, ids[i])
    if #ids - i >= tonumber(ARGV[3]) or bytes > tonumber(ARGV[4]) or ids[i] < oldest then
      call('HDEL', key, ids[i])
    end
  end
  call('PEXPIRE', key, int(math.ceil(ARGV[5] / 1000)))
end
return 1
