-- Erases some of what was removed. One node does so at a time; if that one dies, another one does after some seconds.
-- ARGV: now, who ('' does so whatever others do). Returns 1 if there is more for the caller to erase.
local task = call('HRANDFIELD', REMOVED)
if not task then
  return 0
end
runs_when_full()
local eraser = call('GET', ERASER)
if ARGV[2] ~= '' and eraser and eraser ~= ARGV[2] then
  return 0
end
erase_some(task, STEP)
if call('EXISTS', REMOVED) == 0 then
  call('DEL', ERASER)
  return 0
end
call('SET', ERASER, ARGV[2], 'PX', 5000)
return 1
