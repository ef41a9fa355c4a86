-- ARGV: now, task, right
if call('HGET', LISTENERS, ARGV[2]) == ARGV[3] then
  call('HDEL', LISTENERS, ARGV[2])
  call('ZREM', LISTENING, ARGV[2])
end
return 1
