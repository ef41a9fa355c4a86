-- Renews leases.
-- ARGV: now, lease in microseconds, then key and token of each. Returns the numbers of those that are lost.
runs_when_full()
local ends = int(micros() + ARGV[2])
local lost = {}
for i = 3, #ARGV, 2 do
  if holds(ARGV[i], ARGV[i + 1]) then
    call('ZADD', LEASES, ends, ARGV[i])
  else
    lost[#lost + 1] = (i - 3) / 2
  end
end
return lost
