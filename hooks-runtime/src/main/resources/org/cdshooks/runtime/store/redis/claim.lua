-- Takes executions from the queue and puts them under lease.
-- ARGV: now, how many, how many of one task may be under lease, lease in microseconds, token
local max = tonumber(ARGV[2])
local limit = tonumber(ARGV[3])
local token = ARGV[5]
local answer = {}
local dropped = {}

-- How many entries one call takes from QUEUE: another program may have pushed any number. An entry may name one execution and
-- stand for another one.
local MOST = STEP / 2

-- Whether a key is that of an execution, and can be read as one.
local function is_execution(key, timestamp)
  return #timestamp < 20 and (#timestamp < 19 or timestamp <= '9223372036854775807')
    and (timestamp == '0' or string.sub(timestamp, 1, 1) ~= '0') and call('EXISTS', key) == 1
end

-- Another program has pushed a key on QUEUE. An execution that waits for its next attempt is queued now; an execution that
-- only that program knows is taken in and queued. What is queued, worked on, or waits for a timer runs anyway.
-- Returns why there is nothing to run.
local function take_in(key)
  local type, task, timestamp = parts(key)
  if not type or not is_execution(key, timestamp) or is_removed(task, timestamp) then
    return 'no execution has this key'
  end
  if call('HEXISTS', state(task), 'revision') == 0 then
    return 'no task has this execution'
  end
  if call('ZREM', DUE, key) == 1 then
    call('HINCRBY', state(task), 'waiting', -1)
    enqueue(task, key)
  elseif call('ZSCORE', done(task), key) or call('ZSCORE', failed(task), key) then
    return 'the execution has ended, and runs again only if it is replayed'
  elseif not (call('ZSCORE', line(task), key) or call('ZSCORE', LEASES, key) or rings_at(key)) then
    local types = call('HGET', state(task), 'types') or ''
    if not string.find('\n' .. types, '\n' .. type .. '\n', 1, true) then
      call('HSET', state(task), 'types', types .. type .. '\n')
    end
    call('ZADD', index(type, task), timestamp, timestamp)
    enqueue(task, key)
  end
end

-- Once more, since the answer was lost: what was taken is under the token of this call, also if nothing may be taken any
-- more. What is more than the caller can use now goes back.
local memo = request(token)
for _, key in ipairs(call('LRANGE', memo, 0, -1)) do
  if holds(key, token) then
    if #answer < max then
      local _, crashes = claim_of(key)
      answer[#answer + 1] = {key, call('GET', key) or '', crashes}
    else
      give_back(key)
    end
  end
end
if #answer > 0 or call('HEXISTS', META, 'maintenance') == 1 then
  return {answer, dropped}
end

needs_memory()
for _, task in ipairs(call('ZRANGEBYSCORE', BLOCKED, '-inf', '(' .. ARGV[3], 'LIMIT', 0, 100)) do
  unblock(task)
end

for _, task in ipairs(call('ZRANGEBYSCORE', PAUSED, '-inf', int(micros()), 'LIMIT', 0, 100)) do
  resume(task)
end

local ends = int(micros() + ARGV[4])
local taken = 0
while #answer < max and taken < MOST do
  local element = call('RPOP', QUEUE)
  if not element then
    break
  end
  taken = taken + 1
  local bare = string.gsub(element, '"', '')
  local _, task = parts(bare)
  local announced = task and call('HGET', state(task), 'announced')
  -- '1' is what nodes of earlier versions note.
  if announced ~= bare and announced ~= '1' then
    local why = take_in(bare)
    if why then
      dropped[#dropped + 1] = {string.sub(element, 1, 300), why}
    end
  elseif call('HDEL', state(task), 'announced') == 1 and call('HEXISTS', state(task), 'paused') == 0 then
    local doing = tonumber(call('HGET', state(task), 'doing') or 0)
    if doing < limit then
      local head = call('ZPOPMIN', line(task))
      if head[1] then
        local _, crashes = claim_of(head[1])
        call('HINCRBY', META, 'queued', -1)
        doing = call('HINCRBY', state(task), 'doing', 1)
        call('ZADD', LEASES, ends, head[1])
        note_claim(head[1], token, crashes, int(tonumber(head[2])), '', is_suspect(crashes) and 'h' or '')
        answer[#answer + 1] = {head[1], call('GET', head[1]) or '', crashes}
      end
    end
    if doing < limit then
      announce(task)
    elseif call('ZCARD', line(task)) > 0 then
      block(task, limit)
    end
  end
end

call('DEL', memo) -- what is told in it has been taken from us since, and may be taken once more now
if #answer > 0 then
  for _, each in ipairs(answer) do
    call('RPUSH', memo, each[1])
  end
  call('PEXPIRE', memo, 10000)
end
if call('LLEN', QUEUE) > 0 then
  wake() -- this node has enough for now, another one may have places
end
return {answer, dropped}
