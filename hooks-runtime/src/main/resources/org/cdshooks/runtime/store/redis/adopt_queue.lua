-- Notes the order of what waits in the queue of CDS's own service, which takes from the right. Elements are keys, as JSON
-- strings or bare.
-- ARGV: now, who, how many. Returns how many are left, and what was reported.
if not mine() then
  return 'lost'
end
for _ = 1, ARGV[3] do
  local element = call('RPOP', ADOPTING_QUEUE)
  if not element then
    break
  end
  local key = string.match(element, '^"(.*)"$') or element
  if not parts(key) then
    call('RPUSH', ASIDE_QUEUE, element)
    report('an element of ' .. QUEUE .. ' is no key of an execution and is now in ' .. ASIDE_QUEUE .. ': '
      .. string.sub(element, 1, 200))
  elseif call('EXISTS', key) == 1 and not call('ZSCORE', ADOPTING_ORDER, key) then
    call('ZADD', ADOPTING_ORDER, call('HINCRBY', META, 'order', 1), key)
  end
end
return {call('LLEN', ADOPTING_QUEUE), reported}
