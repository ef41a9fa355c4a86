-- Gives executions their places, unless they have one.
-- ARGV: now, who, task, then of each: key, place, JSON if it is to be another
if not mine() then
  return 'lost'
end
local task = ARGV[3]
for i = 4, #ARGV, 3 do
  local key, where, json = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if call('EXISTS', key) == 1 and not placed(task, key) then
    if json ~= '' then
      call('SET', key, json)
    end
    if where == 'Q' then
      -- Announced when all of the task is in its place.
      call('ZADD', line(task), call('ZSCORE', ADOPTING_ORDER, key) or call('HINCRBY', META, 'order', 1), key)
      call('HINCRBY', META, 'queued', 1)
    elseif where == 'R' then
      wait_until(DUE, task, key, int(micros()))
    else
      finish(task, key, where == 'D')
    end
  end
end
return 1
