-- Lists executions of a task, newest first.
-- ARGV: now, task, only those before this timestamp, how many
local task = ARGV[2]
local before = ARGV[3]
local limit = tonumber(ARGV[4])

-- Timestamps have more digits than numbers: as texts of one length they compare as they should.
local function earlier(a, b)
  if #a ~= #b then
    return #a < #b
  end
  return a < b
end

local found = {}
for type in types_of(task) do
  local offset = 0
  local here = 0
  repeat
    local some = call('ZREVRANGEBYSCORE', index(type, task), before, '-inf', 'LIMIT', offset, limit)
    for _, timestamp in ipairs(some) do
      -- The score of the border is that of its neighbours, too.
      if earlier(timestamp, before) and here < limit then
        here = here + 1
        found[#found + 1] = {timestamp, execution(type, task, timestamp)}
      end
    end
    offset = offset + #some
  until #some == 0 or here >= limit
end
table.sort(found, function(a, b) return earlier(b[1], a[1]) end)
local page = {}
for i = 1, math.min(limit, #found) do
  page[#page + 1] = seen(task, found[i][2])
end
return page
