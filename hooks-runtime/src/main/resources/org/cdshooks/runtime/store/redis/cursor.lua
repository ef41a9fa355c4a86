-- ARGV: now, task
return call('HGET', state(ARGV[2]), 'cursor')
