-- All keys have been looked at: the queue makes room for a new one. Returns what was reported.
if not mine() then
  return 'lost'
end
if not call('HGET', ADOPTING, 'scanned') then
  if kind(QUEUE) == 'list' then
    call('RENAME', QUEUE, ADOPTING_QUEUE)
  elseif call('EXISTS', QUEUE) == 1 then
    local aside = ASIDE_QUEUE .. ':' .. call('HGET', ADOPTING, 'generation')
    call('RENAME', QUEUE, aside)
    report(QUEUE .. ' was no list and is now ' .. aside)
  end
  call('HSET', ADOPTING, 'scanned', '1')
end
return {'scanned', reported}
