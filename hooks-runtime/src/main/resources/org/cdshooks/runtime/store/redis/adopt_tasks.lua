-- Returns tasks that are to be taken over: task, JSON or nothing, '1' if it has been, the types of its executions.
-- ARGV: now, who, how many to leave out, how many
if not mine() then
  return 'lost'
end
local generation = call('HGET', ADOPTING, 'generation')
local page = {}
for i, task in ipairs(call('ZRANGE', TASKS, ARGV[3], ARGV[3] + ARGV[4] - 1)) do
  local been = is_id(task) and call('HGET', state(task), 'generation') == generation
  page[i] = {task, not been and value(task_key(task)), been and '1' or '', call('HGET', ADOPTING_TYPES, task) or ''}
end
return page
