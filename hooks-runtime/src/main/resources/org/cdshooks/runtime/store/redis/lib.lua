-- Begins every script, behind the names of the keys, which RedisKeys writes. Here is what the transitions have in common.
--
-- Where an execution is, is which collection holds its key:
--   timers(type)  a timer's run that waits to ring            DUE      waits for its next attempt
--   line(task)    waits for a worker                          LEASES   is worked on
--   done(task)    has ended well                              failed(task) and DEAD   has ended badly
-- The counts in state(task) and META follow in the same step. JSON is never looked into.

local call = redis.call

-- Microseconds since the epoch: those of Redis, one clock for all nodes, unless a test turns its own.
local function micros()
  if ARGV[1] ~= '' then
    return tonumber(ARGV[1])
  end
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end

-- Redis would write a number with 14 digits only.
local function int(number)
  return string.format('%.0f', number)
end

-- What an execution's key is made of: type, task, timestamp; nothing if it is none.
local function parts(key)
  if string.sub(key, 1, #EXECUTIONS) ~= EXECUTIONS then
    return nil
  end
  return string.match(string.sub(key, #EXECUTIONS + 1), '^([^:]+):([^:]+):(%d+)$')
end

-- The next timestamp, as text: 19 digits are more than a number holds.
local function after(timestamp)
  local i = #timestamp
  while i > 0 and string.sub(timestamp, i, i) == '9' do
    i = i - 1
  end
  if i == 0 then
    return '1' .. string.rep('0', #timestamp)
  end
  return string.sub(timestamp, 1, i - 1) .. (string.sub(timestamp, i, i) + 1) .. string.rep('0', #timestamp - i)
end

-- While Redis is full (its maxmemory is used up), Redis refuses a script whose first writing command needs memory, and
-- runs every other script to its end. The two functions below write nothing. A script that calls one of them before it
-- writes says by that whether it runs while Redis is full.

-- For scripts that store new work or begin work.
local function needs_memory()
  call('LPUSHX', NOTHING, '')
end

-- For scripts that end work, renew what there is or make room.
local function runs_when_full()
  call('HDEL', META, '-')
end

local function wake()
  call('PUBLISH', CHANNEL, 'work')
end

local function told(what, task)
  call('PUBLISH', CHANNEL, what .. ' ' .. task)
end

------------------------------------------------------------------------------------------------------- the queue

-- A task that has somebody waiting and may have a lease has exactly one entry in QUEUE, so that tasks take turns and none
-- waits behind the line of another; a task that is paused has none. The entry names the head of the line, which may have
-- changed until it is taken. state(task) notes the entry under 'announced': so an entry of another program, which feeds
-- executions as CDS's own service does, is told from ours.
local function announce(task)
  local flags = call('HMGET', state(task), 'announced', 'blocked', 'paused')
  if flags[1] or flags[2] or flags[3] then
    return
  end
  local head = call('ZRANGE', line(task), 0, 0)[1]
  if head then
    call('HSET', state(task), 'announced', head)
    if call('LPUSH', QUEUE, '"' .. head .. '"') == 1 then
      wake()
    end
  end
end

-- Puts an execution into the line of its task: at its end, or where it was.
local function enqueue(task, key, order)
  call('ZADD', line(task), order or call('HINCRBY', META, 'order', 1), key)
  call('HINCRBY', META, 'queued', 1)
  announce(task)
end

-- The task has as many leases as it may have: it is announced again when one ends, or when it may have more.
local function block(task, limit)
  call('HSET', state(task), 'blocked', '1')
  call('ZADD', BLOCKED, limit, task)
end

local function unblock(task)
  if call('HDEL', state(task), 'blocked') == 1 then
    call('ZREM', BLOCKED, task)
    announce(task)
  end
end

-- Lets a task go on that was paused.
local function resume(task)
  call('ZREM', PAUSED, task)
  if call('HDEL', state(task), 'paused') == 1 then
    announce(task)
  end
end

-- Takes an execution out from under its lease.
local function leave(task, key)
  call('ZREM', LEASES, key)
  call('HINCRBY', state(task), 'doing', -1)
  unblock(task)
end

-- What is known of a claim: its token ('-' if there is none), crashes, the place in line that the execution had, the
-- timestamp of the timer's run that a checkpoint has put, and the phase of the work: 'h' held, 'i' isolated, '' running.
-- The phase stands behind the token, where scripts of versions without phases don't look.
local function claim_of(key)
  local claim = call('HGET', CLAIMS, key)
  if not claim then
    return '-', 0
  end
  local token, phase, crashes, order, timed = string.match(claim, '^([^%s~]+)~?(%a?) (%d+) (%d+) ?(%d*)$')
  return token, tonumber(crashes), order, timed, phase
end

local function note_claim(key, token, crashes, order, timed, phase)
  local mark = phase ~= '' and '~' .. phase or ''
  local tail = timed ~= '' and ' ' .. timed or ''
  call('HSET', CLAIMS, key, token .. mark .. ' ' .. crashes .. ' ' .. order .. tail)
end

-- Whether an execution with so many crashes is to run isolated.
local function is_suspect(crashes)
  return crashes >= MAX_CRASHES - 1
end

-- How often an execution has crashed after its node has died once more: ClaimPhase says the same.
local function crashes_after(crashes, phase)
  if phase == 'h' then
    return crashes
  elseif phase == 'i' then
    return crashes + 1
  end
  return math.min(crashes + 1, MAX_CRASHES - 1)
end

local function remember_crashes(key, crashes)
  if crashes > 0 then
    call('HSET', CLAIMS, key, '- ' .. crashes .. ' 0')
  else
    call('HDEL', CLAIMS, key)
  end
end

-- Whether an execution is one of its task: what was removed may wait to be erased, and its task may have been made anew.
local function is_there(key)
  local type, task, timestamp = parts(key)
  return type ~= nil and call('ZSCORE', index(type, task), timestamp) ~= false
end

-- Whether a claim still holds: nobody recovered, aborted or removed what is under it.
local function holds(key, token)
  return claim_of(key) == token and call('ZSCORE', LEASES, key) ~= false and is_there(key)
end

-- Puts what is under a lease back to where it was in line.
local function give_back(key)
  local _, task = parts(key)
  local _, crashes, order = claim_of(key)
  remember_crashes(key, crashes)
  leave(task, key)
  enqueue(task, key, order)
end

------------------------------------------------------------------------------------------------------- executions

-- Whether an execution of a task that was removed has a timestamp, and waits to be erased.
local function is_removed(task, timestamp)
  for each in string.gmatch(call('HGET', REMOVED, task) or '', '[^\n]+') do
    if call('ZSCORE', removed(task, each), timestamp) then
      return true
    end
  end
  return false
end

-- Stores a new execution under the next free timestamp. Returns its key and timestamp.
local function insert(task, type, timestamp, json)
  local types = call('HGET', state(task), 'types') or ''
  local known = false
  local free = timestamp
  local taken = true
  while taken do
    taken = false
    for each in string.gmatch(types, '[^\n]+') do
      known = known or each == type
      if call('ZSCORE', index(each, task), free) then
        taken = true
      end
    end
    taken = taken or is_removed(task, free)
    if taken then
      free = after(free)
    end
  end
  if not known then
    call('HSET', state(task), 'types', types .. type .. '\n')
  end
  if free ~= timestamp then
    -- The member stands before everything that came from outside.
    local from, to = string.find(json, '"timestamp":' .. timestamp .. ',', 1, true)
    if from then
      json = string.sub(json, 1, from - 1) .. '"timestamp":' .. free .. ',' .. string.sub(json, to + 1)
    end
  end
  local key = execution(type, task, free)
  call('SET', key, json)
  call('ZADD', index(type, task), free, free)
  return key, free
end

local function finish(task, key, well)
  local _, _, timestamp = parts(key)
  if well then
    call('ZADD', done(task), timestamp, key)
  else
    call('ZADD', failed(task), timestamp, key)
    call('ZADD', DEAD, int(micros()), key)
  end
end

local function unfinish(task, key)
  if call('ZREM', done(task), key) == 0 then
    call('ZREM', failed(task), key)
    call('ZREM', DEAD, key)
  end
end

-- Puts an execution where it waits for a time, in microseconds.
local function wait_until(collection, task, key, due)
  call('ZADD', collection, due, key)
  call('HINCRBY', state(task), 'waiting', 1)
  if call('ZRANGE', collection, 0, 0)[1] == key then
    wake() -- the other nodes sleep until what was due first before
  end
end

-- Lets the run of a timer wait to ring. Timers of each hook type stand apart: a node asks for those of the types that it has,
-- so that timers of a type that nobody has are never read and hold up nobody.
local function wait_to_ring(task, key, due)
  local type = parts(key)
  call('SADD', TIMER_TYPES, type)
  wait_until(timers(type), task, key, due)
end

-- Ends the wait of a timer's run. Returns whether the run waited.
local function stop_waiting(key)
  -- A version before this one kept the timers of all types in TIMERS.
  return call('ZREM', timers(parts(key) or ''), key) == 1 or call('ZREM', TIMERS, key) == 1
end

-- When a timer's run is due; false if it does not wait.
local function rings_at(key)
  return call('ZSCORE', timers(parts(key) or ''), key) or call('ZSCORE', TIMERS, key)
end

-- The hook types that a script is about: those in ARGV from the given place on, or all if there are none.
local function types_from(place)
  if not ARGV[place] then
    return call('SMEMBERS', TIMER_TYPES)
  end
  local types = {}
  for i = place, #ARGV do
    types[#types + 1] = ARGV[i]
  end
  return types
end

-- Removes an execution, wherever it is.
local function erase(task, key)
  local type, _, timestamp = parts(key)
  if call('ZREM', line(task), key) == 1 then
    call('HINCRBY', META, 'queued', -1)
  elseif call('ZREM', DUE, key) == 1 or stop_waiting(key) then
    call('HINCRBY', state(task), 'waiting', -1)
  elseif call('ZSCORE', LEASES, key) then
    leave(task, key)
  else
    unfinish(task, key)
  end
  call('HDEL', CLAIMS, key)
  call('UNLINK', key)
  call('ZREM', index(type, task), timestamp)
end

-- Where an execution is: T and R wait, Q is queued, L under a lease, F and D have ended.
local function place(task, key)
  if call('ZSCORE', LEASES, key) then
    return 'L'
  elseif call('ZSCORE', line(task), key) then
    return 'Q'
  elseif call('ZSCORE', DUE, key) then
    return 'R'
  elseif rings_at(key) then
    return 'T'
  elseif call('ZSCORE', failed(task), key) then
    return 'F'
  end
  return 'D'
end

-- An execution as it is told to the service: key, JSON, place, crashes.
local function seen(task, key)
  local json = call('GET', key)
  if not json then
    return nil
  end
  local _, crashes = claim_of(key)
  return {key, json, place(task, key), crashes}
end

-- All types that executions of a task have: usually one.
local function types_of(task)
  return string.gmatch(call('HGET', state(task), 'types') or '', '[^\n]+')
end

------------------------------------------------------------------------------------------------------- removal

-- How many entries a script touches at most, so that nobody waits for long behind it.
local STEP = 500

-- A task may have more executions than one script may touch. So all are taken away from it at once, by renaming the indexes
-- of its executions, and are erased in steps. Until then an execution that was removed may still be in DUE, LEASES, DEAD and
-- CLAIMS; no script minds it there, since it is in no index of its task. REMOVED has of each task the renamed indexes, one a
-- line; REMOVED_COUNTS tells how many of the entries of the three collections are not to be counted.

-- Erases an execution that was removed.
local function erase_removed(key)
  for _, each in ipairs({{DUE, 'waiting'}, {LEASES, 'doing'}, {DEAD, 'failed'}}) do
    if call('ZREM', each[1], key) == 1 then
      call('HINCRBY', REMOVED_COUNTS, each[2], -1)
    end
  end
  call('HDEL', CLAIMS, key)
  call('UNLINK', key)
end

-- Erases executions of a task that were removed.
local function erase_some(task, most)
  local all = call('HGET', REMOVED, task)
  local looked = 0
  while all and looked < most do
    local first, rest = string.match(all, '^([^\n]+)\n(.*)$')
    local type = string.match(first, ':(.*)$')
    local old = removed(task, first)
    local some = call('ZRANGE', old, 0, most - looked - 1)
    for _, timestamp in ipairs(some) do
      local key = execution(type, task, timestamp)
      if not is_there(key) then -- for a service that knows nothing of this may have made it anew
        erase_removed(key)
      end
    end
    looked = looked + #some + 1
    if #some > 0 then
      call('ZREMRANGEBYRANK', old, 0, #some - 1)
    end
    if call('EXISTS', old) == 0 then
      all = rest ~= '' and rest
      if all then
        call('HSET', REMOVED, task, all)
      else
        call('HDEL', REMOVED, task)
      end
    end
  end
  if call('EXISTS', REMOVED) == 0 then
    call('DEL', REMOVED_COUNTS)
  end
end

-- Takes all executions away from a task, but for the waiting run of its timer if that is to stay, and erases as many as a
-- script may. Returns how many were taken away.
local function remove_all(task, keeps_timer)
  local known = call('HMGET', state(task), 'waiting', 'doing', 'timer')
  local timer = known[3]
  local kept = keeps_timer and timer
  local indexes = ''
  local number
  local count = 0
  for type in types_of(task) do
    local size = call('ZCARD', index(type, task))
    if size > 0 then
      number = number or call('HINCRBY', META, 'order', 1)
      local name = number .. ':' .. type
      call('RENAME', index(type, task), removed(task, name))
      indexes = indexes .. name .. '\n'
      count = count + size
    end
  end
  if timer then
    local type, _, timestamp = parts(timer)
    if kept then
      call('ZREM', removed(task, number .. ':' .. type), timestamp)
      call('ZADD', index(type, task), timestamp, timestamp)
      count = count - 1
    else
      stop_waiting(timer)
    end
  end
  if count == 0 then
    return 0
  end
  call('HSET', REMOVED, task, (call('HGET', REMOVED, task) or '') .. indexes)
  call('HINCRBY', REMOVED_COUNTS, 'waiting', (known[1] or 0) - (timer and 1 or 0))
  call('HINCRBY', REMOVED_COUNTS, 'doing', known[2] or 0)
  call('HINCRBY', REMOVED_COUNTS, 'failed', call('ZCARD', failed(task)))
  call('HINCRBY', META, 'queued', 0 - call('ZCARD', line(task)))
  call('HSET', state(task), 'waiting', kept and 1 or 0, 'doing', 0)
  call('UNLINK', line(task), done(task), failed(task))
  unblock(task)
  erase_some(task, STEP - 1) -- the waiting run is one
  return count
end

------------------------------------------------------------------------------------------------------- revisions

-- How many a task has at most besides what it is now.
local FORMER = 19

-- Notes since which revision a task is what it is; if it changes now so that a user can see it, keeps the JSON of what it
-- was. What a row is made of says RevisionRows.
local function keep_revision(task, before, now, json)
  call('HSETNX', state(task), 'since', before)
  if json == '' then
    return
  end
  local known = call('HMGET', state(task), 'since', 'changed')
  call('ZADD', revisions(task), known[1], known[1] .. ' ' .. int(now) .. ' ' .. (known[2] or '0') .. ' ' .. json)
  call('ZREMRANGEBYRANK', revisions(task), 0, -FORMER - 1)
  call('HSET', state(task), 'since', now, 'changed', int(micros()) .. '000')
end

-- Returns the revisions of a task, newest first: all, or those that may hold for a number.
local function revisions_of(task, number)
  local json = call('GET', task_key(task))
  local known = call('HMGET', state(task), 'revision', 'since', 'changed')
  local since = known[2] or known[1]
  local found = {}
  if number and tonumber(number) > tonumber(known[1] or 0) then
    return found
  end
  if json and since and (not number or tonumber(number) >= tonumber(since)) then
    found[1] = since .. ' 9223372036854775807 ' .. (known[3] or '0') .. ' ' .. json
    if number then
      return found
    end
  end
  local former
  if number then
    former = call('ZREVRANGEBYSCORE', revisions(task), number, '-inf', 'LIMIT', 0, 1)
  else
    former = call('ZREVRANGE', revisions(task), 0, -1)
  end
  for _, row in ipairs(former) do
    found[#found + 1] = row
  end
  return found
end

------------------------------------------------------------------------------------------------------- timers

local function wait_for_timer(task, type, timestamp, json, due)
  local key = insert(task, type, timestamp, json)
  call('HSET', state(task), 'timer', key)
  wait_to_ring(task, key, due)
end

-- Replaces the waiting run of a task's timer. ARGV from the given place on: type, timestamp, JSON, due; type is empty if
-- there is none.
local function replace_timer(task, from)
  local before = call('HGET', state(task), 'timer')
  if before then
    call('HDEL', state(task), 'timer')
    erase(task, before)
  end
  if ARGV[from] ~= '' then
    wait_for_timer(task, ARGV[from], ARGV[from + 1], ARGV[from + 2], ARGV[from + 3])
  end
end
