-- Gives claims back to where they were in line.
-- ARGV: now, then key and token of each
for i = 2, #ARGV, 2 do
  local key = ARGV[i]
  if holds(key, ARGV[i + 1]) then
    local _, task = parts(key)
    local _, crashes, order = claim_of(key)
    remember_crashes(key, crashes)
    leave(task, key)
    enqueue(task, key, order)
  end
end
return 1
