-- Queues executions whose lease has expired, each with one crash more; too many park it as FAILED.
-- ARGV: now, how many, how many crashes are too many
runs_when_full()
local expired = call('ZRANGEBYSCORE', LEASES, '-inf', int(micros()), 'LIMIT', 0, ARGV[2])
for _, key in ipairs(expired) do
  if is_there(key) then
    local _, task = parts(key)
    local _, crashes = claim_of(key)
    remember_crashes(key, crashes + 1)
    leave(task, key)
    if crashes + 1 >= tonumber(ARGV[3]) then
      finish(task, key, false)
    else
      enqueue(task, key)
    end
  else
    erase_removed(key)
  end
end
return #expired
