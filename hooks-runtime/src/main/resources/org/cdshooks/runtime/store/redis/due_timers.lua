-- ARGV: now, how many, then the hook types (all if there are none). Returns key, due and JSON of timers whose time has come,
-- earliest first. Of types that are named each has an equal part, so that many timers of one do not hide those of another.
local most = tonumber(ARGV[2])
local now = int(micros())
local due = {}
for _, type in ipairs(types_from(3)) do
  if #call('ZRANGEBYSCORE', timers(type), '-inf', now, 'LIMIT', 0, 1) > 0 then
    due[#due + 1] = type
  end
end
local part = ARGV[3] and math.max(1, math.floor(most / #due)) or most
local found = {}
for _, type in ipairs(due) do
  local some = call('ZRANGEBYSCORE', timers(type), '-inf', now, 'WITHSCORES', 'LIMIT', 0, part)
  for i = 1, #some, 2 do
    found[#found + 1] = {some[i], tonumber(some[i + 1])}
  end
end
table.sort(found, function(a, b)
  return a[2] < b[2] or (a[2] == b[2] and a[1] < b[1])
end)
local page = {}
for i = 1, math.min(most, #found) do
  page[i] = {found[i][1], int(found[i][2]), call('GET', found[i][1]) or ''}
end
return page
