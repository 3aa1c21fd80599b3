-- Token bucket and leaky bucket: one meter, see bucket.go. The level leaks by the limit
-- each microsecond, and a request pours in the window's microseconds.
--
-- KEYS[1]: a hash of the level, when it was that, and the leak since then.
-- ARGV: limit, window, capacity.
-- Returns whether the request is admitted, the level before it, and the leak after it.
local limit, window, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local kept = redis.call('HMGET', KEYS[1], 'level', 'at', 'leak')
local at, leak = tonumber(kept[2] or now), tonumber(kept[3] or limit)
now = math.max(now, at) -- a clock that was set back stands still
local level = math.max(tonumber(kept[1] or 0) - (now - at) * leak, 0)

if level > (capacity - 1) * window then
  return {0, level, leak}
end
redis.call('HSET', KEYS[1], 'level', level + window, 'at', now, 'leak', limit)
redis.call('PEXPIRE', KEYS[1], math.ceil((level + window) / limit / 1000) + 1000)
return {1, level, limit}
