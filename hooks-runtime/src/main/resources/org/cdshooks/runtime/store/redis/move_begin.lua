-- From now on what is brought in is noted, until the end.
-- ARGV: now, who
if not mine() then
  return 'lost'
end
call('HSET', META, 'moving', '1')
return 1
