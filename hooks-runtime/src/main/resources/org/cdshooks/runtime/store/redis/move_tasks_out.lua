-- Returns tasks: task, JSON or nothing, revision, created, '1' and a cursor or '' and '', until when it is paused or 0,
-- and created with its revisions.
-- ARGV: now, who, how many to leave out, how many
if not mine() then
  return 'lost'
end
local page = {}
for i, task in ipairs(call('ZRANGE', TASKS, ARGV[3], ARGV[3] + ARGV[4] - 1)) do
  local known = call('HMGET', state(task), 'revision', 'created', 'cursor', 'paused')
  page[i] = {task, value(task_key(task)), known[1] or '0', known[2] or '0', known[3] and '1' or '', known[3] or '', known[4] or 0,
    {known[2] or '0', revisions_of(task)}}
end
return page
