-- Looks at some of all keys: puts into its index what is in none, notes of which types the executions of a task are, and
-- forgets what this store had noted before.
-- ARGV: now, who, cursor. Returns the next cursor, which server it is of, and what was reported.

local function note_type(task, type)
  local types = call('HGET', ADOPTING_TYPES, task) or ''
  if not string.find('\n' .. types, '\n' .. type .. '\n', 1, true) then
    call('HSET', ADOPTING_TYPES, task, types .. type .. '\n')
  end
end

local function is_type(type)
  return not string.find(type, '[%c"]')
end

local function look_at_execution(key, type, task, timestamp)
  if kind(key) ~= 'string' or not is_type(type) then
    report(key .. ' is left as it is: it is no execution')
  elseif call('EXISTS', task_key(task)) == 0 then
    report(key .. ' is left as it is: its task is not there')
  elseif #timestamp > 19 or not string.match(timestamp, '^%d+$') then
    if not call('ZSCORE', index(type, task), timestamp) then -- otherwise it is reported with its index
      report(key .. ' is left as it is: its timestamp can not be')
    end
  else
    local is_new = call('ZADD', index(type, task), timestamp, timestamp) == 1
    if is_new then
      report(key .. ' was in no index and is taken over; perhaps its removal was cut short')
    end
    note_type(task, type)
  end
end

local function look_at_index(key, type, task)
  if kind(key) ~= 'zset' or not is_type(type) then
    report(key .. ' is left as it is: it is no index of executions')
  elseif call('EXISTS', task_key(task)) == 0 then
    report(key .. ' is left as it is: its task is not there')
  else
    note_type(task, type)
  end
end

local function look_at_task(key, task)
  if call('ZSCORE', TASKS, task) then
    return
  end
  if kind(key) ~= 'string' or not is_id(task) then
    report(key .. ' is left as it is: it is no task')
  else
    call('ZADD', TASKS, int(micros() * 1000), task)
    call('HINCRBY', ADOPTING, 'total', 1)
    report(key .. ' was not in ' .. TASKS .. ' and is taken over; perhaps its removal was cut short: delete task '
      .. task .. ' if it is not wanted')
  end
end

-- What stands behind one of the names that this store gives, if the key has one.
local function behind(name, key)
  return string.sub(key, 1, #name) == name and string.sub(key, #name + 1) or nil
end

local function look_at(key)
  local rest = behind(EXECUTIONS, key)
  if rest then
    local type, task, timestamp = string.match(rest, '^([^:]+):([^:]+):([^:]+)$')
    if type then
      look_at_execution(key, type, task, timestamp)
    else
      type, task = string.match(rest, '^([^:]+):([^:]+)$')
      if type then
        look_at_index(key, type, task)
      else
        report(key .. ' is left as it is: it is the key of nothing known')
      end
    end
  elseif behind(state(''), key) then
    local task = behind(state(''), key)
    call('HDEL', key, 'waiting', 'doing', 'announced', 'blocked', 'timer', 'generation')
    if call('EXISTS', task_key(task)) == 0 then
      call('UNLINK', key)
    end
  elseif behind(revisions(''), key) then
    if call('EXISTS', task_key(behind(revisions(''), key))) == 0 then
      call('UNLINK', key)
    end
  elseif behind(done(''), key) or behind(failed(''), key) or behind(line(''), key) then
    call('UNLINK', key)
  else
    local task = behind(task_key(''), key)
    if task and not string.find(task, ':', 1, true) then
      look_at_task(key, task)
    end
  end
end

if not mine() then
  return 'lost'
end
if call('HGET', ADOPTING, 'scanned') then
  return {'0', '', {}} -- a call that comes late must not throw away what has been made since
end
local found = call('SCAN', ARGV[3], 'MATCH', EVERY_KEY, 'COUNT', 250)
for _, key in ipairs(found[2]) do
  look_at(key)
end
return {found[1], string.match(call('INFO', 'server'), 'run_id:(%w+)') or '', reported}
