-- Takes executions from the queue and puts them under lease.
-- ARGV: now, how many, how many of one task may be under lease, lease in microseconds, token
local max = tonumber(ARGV[2])
local limit = tonumber(ARGV[3])
local token = ARGV[5]
local answer = {}

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
  return answer
end

needs_memory()
for _, task in ipairs(call('ZRANGEBYSCORE', BLOCKED, '-inf', '(' .. ARGV[3], 'LIMIT', 0, 1000)) do
  unblock(task)
end

for _, task in ipairs(call('ZRANGEBYSCORE', PAUSED, '-inf', int(micros()), 'LIMIT', 0, 1000)) do
  resume(task)
end

local ends = int(micros() + ARGV[4])
while #answer < max do
  local element = call('RPOP', QUEUE)
  if not element then
    break
  end
  local bare = string.gsub(element, '"', '')
  local _, task = parts(bare)
  -- Of a task that has been removed, and of what is no key, nothing is left.
  if task and call('HDEL', state(task), 'announced') == 1 and call('HEXISTS', state(task), 'paused') == 0 then
    local doing = tonumber(call('HGET', state(task), 'doing') or 0)
    if doing < limit then
      local head = call('ZPOPMIN', line(task))
      if head[1] then
        local _, crashes = claim_of(head[1])
        call('HINCRBY', META, 'queued', -1)
        doing = call('HINCRBY', state(task), 'doing', 1)
        call('ZADD', LEASES, ends, head[1])
        call('HSET', CLAIMS, head[1], token .. ' ' .. crashes .. ' ' .. int(tonumber(head[2])))
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
if #answer == max and call('LLEN', QUEUE) > 0 then
  wake() -- this node has enough, another one may have places
end
return answer
