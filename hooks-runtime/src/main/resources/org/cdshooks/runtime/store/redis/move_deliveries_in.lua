-- Brings in what is remembered of deliveries.
-- ARGV: now, who, then of each: task, hash, when it is forgotten, key of the execution
needs_memory()
if not mine() then
  return 'lost'
end
local now = micros()
for i = 3, #ARGV, 4 do
  local first = call('HGET', state(ARGV[i]), 'first')
  local left = tonumber(ARGV[i + 2]) - now
  if first and left > 0 then
    call('SET', dedupe(ARGV[i], ARGV[i + 1]), '- ' .. first .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 3],
      'PX', int(math.ceil(left / 1000)))
  end
end
return 1
