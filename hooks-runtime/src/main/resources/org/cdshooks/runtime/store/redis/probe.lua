-- Tells whether this Redis answers and can be written: a command that writes, and changes nothing.
call('HDEL', META, '-')
return 1
