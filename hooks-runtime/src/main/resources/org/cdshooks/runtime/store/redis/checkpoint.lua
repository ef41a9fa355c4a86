-- Stores what an execution has yielded while it is worked on.
-- ARGV: now, key, token, JSON, '1' and a cursor or '' and '', revision of the task ('0' any), timer (4)
local key = ARGV[2]
if not holds(key, ARGV[3]) then
  return 0
end
runs_when_full()
local _, task = parts(key)
call('SET', key, ARGV[4])
if ARGV[5] == '1' then
  call('HSET', state(task), 'cursor', ARGV[6])
end
-- The call may come twice, since its answer was lost; the run that it put may have rung in between.
local token, crashes, order, timed, phase = claim_of(key)
if ARGV[8] ~= '' and timed ~= ARGV[9]
    and (ARGV[7] == '0' or ARGV[7] == call('HGET', state(task), 'revision')) then
  replace_timer(task, 8)
  note_claim(key, token, crashes, order, ARGV[9], phase)
end
return 1
