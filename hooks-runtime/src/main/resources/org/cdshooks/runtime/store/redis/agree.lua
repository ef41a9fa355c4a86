-- Agrees on a value: the first one that is offered stays.
-- ARGV: now, name, offered
runs_when_full()
call('HSETNX', AGREED, ARGV[2], ARGV[3])
return call('HGET', AGREED, ARGV[2])
