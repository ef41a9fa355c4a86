-- What the scripts have in common by which a Redis is taken over that CDS's own service has filled, or filled again. They
-- run one after the other; each is safe to run twice, and all of them together are. In all of them ARGV begins with: now,
-- who takes over. They answer 'lost' if that is somebody else by now.
--
-- What this store notes beside CDS's layout is thrown away and made anew of what CDS's layout says.

local function mine()
  if call('GET', ADOPTING_LOCK) ~= ARGV[2] then
    return false
  end
  call('PEXPIRE', ADOPTING_LOCK, ADOPTING_MILLIS)
  return true
end

local function kind(key)
  return call('TYPE', key).ok
end

-- A value, if the key holds one of the kind that belongs there.
local function value(key)
  local found = redis.pcall('GET', key)
  return type(found) == 'string' and found or false
end

local function is_id(text)
  return #text <= 255 and string.match(text, '^[%w+/=_%-]+$') ~= nil
end

-- Keeps a sentence for the operator, each once and a thousand of them, and tells it to the caller for the log.
local reported = {}
local function report(words)
  reported[#reported + 1] = words
  local count = call('ZCARD', PROBLEMS)
  if count >= 1000 or call('ZADD', PROBLEMS, 'NX', count, words) == 1 then
    call('HINCRBY', ADOPTING, 'problems', 1)
  end
end

-- Whether an execution has got its place already.
local function placed(task, key)
  for _, collection in ipairs({done(task), failed(task), line(task), DUE, timers(parts(key) or '')}) do
    if call('ZSCORE', collection, key) then
      return true
    end
  end
  return false
end
