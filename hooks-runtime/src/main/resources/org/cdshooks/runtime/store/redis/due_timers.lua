-- ARGV: now, how many. Returns key, due and JSON of each timer whose time has come.
local found = call('ZRANGEBYSCORE', TIMERS, '-inf', int(micros()), 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local due = {}
for i = 1, #found, 2 do
  due[#due + 1] = {found[i], int(tonumber(found[i + 1])), call('GET', found[i]) or ''}
end
return due
