-- ARGV: now, task. Returns JSON, revision, created; nothing if there is no such task.
local json = call('GET', task_key(ARGV[2]))
local known = call('HMGET', state(ARGV[2]), 'revision', 'created')
if not json or not known[1] then
  return {}
end
return {json, known[1], known[2]}
