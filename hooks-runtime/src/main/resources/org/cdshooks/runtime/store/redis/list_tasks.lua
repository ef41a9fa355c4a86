-- ARGV: now, task of the page before ('' for the first page), how many. Returns task, JSON, revision, created of each; the
-- JSON is empty if it is not there.
local from = 0
if ARGV[2] ~= '' then
  local rank = call('ZRANK', TASKS, ARGV[2])
  if not rank then
    return {}
  end
  from = rank + 1
end
local page = {}
for i, task in ipairs(call('ZRANGE', TASKS, from, from + ARGV[3] - 1)) do
  local known = call('HMGET', state(task), 'revision', 'created')
  page[i] = {task, call('GET', task_key(task)) or '', known[1] or '0', known[2] or '0'}
end
return page
