-- Removes all executions of a task but the waiting run of its timer.
-- ARGV: now, task
local task = ARGV[2]
local timer = call('HGET', state(task), 'timer')
local went = 0
for type in types_of(task) do
  for _, timestamp in ipairs(call('ZRANGE', index(type, task), 0, -1)) do
    local key = execution(type, task, timestamp)
    if key ~= timer then
      erase(task, key)
      went = went + 1
    end
  end
end
return went
