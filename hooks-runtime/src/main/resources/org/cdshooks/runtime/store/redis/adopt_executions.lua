-- Returns executions of a task, oldest first: microseconds, then of each timestamp, JSON or nothing, '1' if it was queued,
-- '1' if it has its place.
-- ARGV: now, who, task, type, how many to leave out, how many, how many bytes are enough
if not mine() then
  return 'lost'
end
local task = ARGV[3]
local page = {int(micros())}
local bytes = 0
for _, timestamp in ipairs(call('ZRANGE', index(ARGV[4], task), ARGV[5], ARGV[5] + ARGV[6] - 1)) do
  local key = execution(ARGV[4], task, timestamp)
  local has = placed(task, key)
  local json = not has and value(key)
  page[#page + 1] = {timestamp, json, call('ZSCORE', ADOPTING_ORDER, key) and '1' or '', has and '1' or ''}
  bytes = bytes + (json and #json or 0)
  if bytes >= tonumber(ARGV[7]) then
    break
  end
end
return page
