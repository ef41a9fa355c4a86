-- Returns when a task was created, and its revisions, newest first; nothing if there is no such task.
-- ARGV: now, task, a number for which they may hold or ''
local created = call('HGET', state(ARGV[2]), 'created')
if not created then
  return {}
end
return {created, revisions_of(ARGV[2], ARGV[3] ~= '' and ARGV[3])}
