-- Returns tasks that were brought in by a move that has not ended.
-- ARGV: now, who, how many
if not mine() then
  return 'lost'
end
return call('SRANDMEMBER', MOVED, ARGV[3])
