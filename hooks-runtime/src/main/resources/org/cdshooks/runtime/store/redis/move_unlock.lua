-- ARGV: now, who
if call('GET', ADOPTING_LOCK) == ARGV[2] then
  call('DEL', ADOPTING_LOCK)
  wake()
end
return 1
