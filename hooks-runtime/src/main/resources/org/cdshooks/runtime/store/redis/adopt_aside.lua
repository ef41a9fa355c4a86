-- Takes an entry that can't be used out of a sorted set, and keeps it where it is in nobody's way.
-- ARGV: now, who, type of the executions and task whose index it is, or '' and '' for the tasks; entry, why
if not mine() then
  return 'lost'
end
local set = ARGV[4] == '' and TASKS or index(ARGV[3], ARGV[4])
local score = call('ZSCORE', set, ARGV[5])
if score then
  call('HSET', ASIDE, set .. ' ' .. ARGV[5], score)
  call('ZREM', set, ARGV[5])
  if set == TASKS then
    call('HINCRBY', ADOPTING, 'total', -1)
  end
  report(ARGV[6])
end
return {'aside', reported}
