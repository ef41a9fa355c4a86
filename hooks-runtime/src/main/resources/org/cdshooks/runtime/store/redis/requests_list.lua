-- Returns entries of a log of requests, newest first: id, value.
-- ARGV: now, kind, task, only ids lower than this, how many, how long they count in microseconds
local key = requests(ARGV[2], ARGV[3])
local ids = call('HKEYS', key)
table.sort(ids)
local oldest = int(math.max(0, (micros() - ARGV[6]) * 1000))
oldest = string.rep('0', 19 - #oldest) .. oldest
local page = {}
for i = #ids, 1, -1 do
  if #page >= tonumber(ARGV[5]) or ids[i] < oldest then
    break
  end
  if ids[i] < ARGV[4] then
    page[#page + 1] = {ids[i], call('HGET', key, ids[i])}
  end
end
return page
