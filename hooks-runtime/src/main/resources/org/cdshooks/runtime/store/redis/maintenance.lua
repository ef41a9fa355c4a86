-- ARGV: now, '1' to begin, '0' to end, '' to ask
if ARGV[2] == '1' then
  runs_when_full()
  call('HSET', META, 'maintenance', '1')
elseif ARGV[2] == '0' and call('HDEL', META, 'maintenance') == 1 then
  wake()
end
return call('HEXISTS', META, 'maintenance')
