-- Ends what was begun: all has been brought in.
-- ARGV: now, who, '1' if claims are stopped
if not mine() then
  return 'lost'
end
call('UNLINK', MOVED)
call('HDEL', META, 'moving')
call('HSET', META, 'newest', call('ZRANGE', TASKS, -1, -1, 'WITHSCORES')[2] or '0')
if ARGV[3] == '1' then
  call('HSET', META, 'maintenance', '1')
end
return 1
