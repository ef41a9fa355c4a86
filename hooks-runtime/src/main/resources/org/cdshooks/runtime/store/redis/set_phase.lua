-- Notes how far the work on a claim is.
-- ARGV: now, key, token, phase
local key = ARGV[2]
if not holds(key, ARGV[3]) then
  return 0
end
runs_when_full()
local token, crashes, order, timed = claim_of(key)
note_claim(key, token, crashes, order, timed, ARGV[4])
return 1
