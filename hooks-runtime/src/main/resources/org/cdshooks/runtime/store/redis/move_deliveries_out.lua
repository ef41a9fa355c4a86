-- Looks at some of all keys for deliveries that are remembered: hash, when it is forgotten, key of the execution.
-- ARGV: now, who, cursor. Returns the next cursor, which server it is of, and what was found.
if not mine() then
  return 'lost'
end
local now = micros()
local found = {}
local page = call('SCAN', ARGV[3], 'MATCH', dedupe('*', '*'), 'COUNT', 250)
for _, key in ipairs(page[2]) do
  local remembered = value(key)
  local hash = string.match(key, ':(%x+)$')
  if remembered and hash and #hash == 32 then
    local _, first, ends, made = string.match(remembered, '^(%S+) (%S+) (%S+) (.*)$')
    local _, task = parts(made or '')
    if task and tonumber(ends) > now and call('HGET', state(task), 'first') == first then
      found[#found + 1] = {hash, ends, made}
    end
  end
end
return {page[1], string.match(call('INFO', 'server'), 'run_id:(%w+)') or '', found}
