-- Removes all executions of a task but the waiting run of its timer. Returns how many.
-- ARGV: now, task
runs_when_full()
if call('HEXISTS', state(ARGV[2]), 'revision') == 0 then
  return 0
end
return remove_all(ARGV[2], true)
