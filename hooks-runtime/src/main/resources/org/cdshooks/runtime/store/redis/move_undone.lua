-- A task that was brought in is no more.
-- ARGV: now, who, task
if not mine() then
  return 'lost'
end
return call('SREM', MOVED, ARGV[3])
