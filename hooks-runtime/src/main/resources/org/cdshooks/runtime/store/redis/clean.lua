-- Removes finished executions that are too many.
-- ARGV: now, task, how many DONE and how many FAILED ones stay, how many go at most. Returns how many went.
local task = ARGV[2]
local left = tonumber(ARGV[5])
local went = 0
for _, kind in ipairs({{done(task), ARGV[3]}, {failed(task), ARGV[4]}}) do
  local many = math.min(call('ZCARD', kind[1]) - kind[2], left - went)
  if many > 0 then
    for _, key in ipairs(call('ZRANGE', kind[1], 0, many - 1)) do
      erase(task, key)
      went = went + 1
    end
  end
end
return went
