-- Tells whether what is in Redis has the layout of this store; if not, and nobody is about it, the caller is to see to it.
-- ARGV: now, who asks, '1' if another service may have written since, '1' if who asks moves what is there.
-- Returns 'ready'; 'newer' and the layout; 'unfinished'; 'busy', who it is, done, total; or 'yours', done, total.
local layout = call('HGET', META, 'layout')
if layout and layout ~= LAYOUT then
  return {'newer', layout}
end
local owner = call('GET', ADOPTING_LOCK)
if layout and not owner and ARGV[3] == '1' then
  -- CDS's own service gives a task the time as its score whenever it saves it, and it saves all when it starts.
  local last = call('ZRANGE', TASKS, -1, -1, 'WITHSCORES')[2]
  if last and tonumber(last) > tonumber(call('HGET', META, 'newest') or 0) then
    call('HDEL', META, 'layout')
    layout = nil
  end
end
if layout and not owner then
  return {ARGV[4] ~= '1' and call('HEXISTS', META, 'moving') == 1 and 'unfinished' or 'ready'}
end
local progress = call('HMGET', ADOPTING, 'done', 'total')
if owner and owner ~= ARGV[2] then
  return {'busy', owner, progress[1] or '0', progress[2] or '0'}
end
call('SET', ADOPTING_LOCK, ARGV[2], 'PX', ADOPTING_MILLIS)
return {'yours', progress[1] or '0', progress[2] or '0'}
