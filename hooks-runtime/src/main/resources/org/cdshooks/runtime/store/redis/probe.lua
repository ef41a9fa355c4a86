-- Tells whether this Redis answers and can be written, by commands that change nothing. Returns 1; 0 if Redis is full.
local memory = redis.pcall('LPUSHX', NOTHING, '')
call('HDEL', META, '-')
return type(memory) == 'table' and string.find(memory.err or '', 'OOM', 1, true) and 0 or 1
