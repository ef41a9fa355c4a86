-- Reads one execution by its key, or by task and timestamp if the type is empty.
-- ARGV: now, type, task, timestamp
local task = ARGV[3]
for type in types_of(task) do
  if (ARGV[2] == '' or ARGV[2] == type) and call('ZSCORE', index(type, task), ARGV[4]) then
    return seen(task, execution(type, task, ARGV[4])) or {}
  end
end
return {}
