-- Queues executions whose lease has expired, with the crashes that their phase tells; too many make an execution FAILED.
-- ARGV: now, how many
runs_when_full()
local expired = call('ZRANGEBYSCORE', LEASES, '-inf', int(micros()), 'LIMIT', 0, ARGV[2])
for _, key in ipairs(expired) do
  local _, task = parts(key)
  local _, before, _, _, phase = claim_of(key)
  local crashes = crashes_after(before, phase)
  if not is_there(key) then
    erase_removed(key)
  elseif phase == 'h' then
    give_back(key)
  else
    remember_crashes(key, crashes)
    leave(task, key)
    if crashes >= MAX_CRASHES then
      finish(task, key, false)
    else
      enqueue(task, key)
    end
  end
end
return #expired
