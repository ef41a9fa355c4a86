-- Returns executions of a task that are of one type: the type, and of each timestamp, JSON or nothing, place, when it is due,
-- order, crashes. Returns nothing if there is no such type.
-- ARGV: now, who, task, which of its types, how many to leave out, how many, how many bytes are enough
if not mine() then
  return 'lost'
end
local task = ARGV[3]
local type
local number = 0
for each in types_of(task) do
  if number == tonumber(ARGV[4]) then
    type = each
  end
  number = number + 1
end
if not type then
  return {}
end
local page = {}
local bytes = 0
for i, timestamp in ipairs(call('ZRANGE', index(type, task), ARGV[5], ARGV[5] + ARGV[6] - 1)) do
  local key = execution(type, task, timestamp)
  local where = place(task, key)
  local _, crashes, order, _, phase = claim_of(key)
  if where == 'L' then
    crashes = crashes_after(crashes, phase)
  end
  local due = (where == 'R' and call('ZSCORE', DUE, key)) or (where == 'T' and rings_at(key)) or 0
  if where == 'Q' then
    order = call('ZSCORE', line(task), key)
  end
  local json = value(key)
  page[i] = {timestamp, json, where, int(tonumber(due)), int(tonumber(order or 0)), crashes}
  bytes = bytes + (json and #json or 0)
  if bytes >= tonumber(ARGV[7]) then
    break
  end
end
return {type, page}
