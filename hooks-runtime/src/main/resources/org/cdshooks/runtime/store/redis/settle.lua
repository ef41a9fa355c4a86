-- Ends the work on a claim.
-- ARGV: now, key, token, place, JSON, due in microseconds, '1' and a cursor or '' and '', timer (4)
local key = ARGV[2]
if not holds(key, ARGV[3]) then
  return 0
end
runs_when_full()
local _, task = parts(key)
local _, crashes, _, _, phase = claim_of(key)
call('SET', key, ARGV[5])
leave(task, key)
if ARGV[4] == 'R' then
  remember_crashes(key, phase == 'i' and 0 or crashes)
  wait_until(DUE, task, key, ARGV[6])
else
  call('HDEL', CLAIMS, key)
  finish(task, key, ARGV[4] == 'D')
end
if ARGV[7] == '1' then
  call('HSET', state(task), 'cursor', ARGV[8])
end
if ARGV[9] ~= '' then
  replace_timer(task, 9)
end
return 1
