-- Fixed window, see window.go.
--
-- KEYS[1]: a hash of the window's start and its count. ARGV: limit, window.
-- Returns whether the request is admitted, now, and the count with it.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local kept = redis.call('HMGET', KEYS[1], 'start', 'count')
now = math.max(now, tonumber(kept[1] or 0)) -- a clock that was set back stands still
local start = now - now % window
local count = 0
if tonumber(kept[1] or -1) == start then
  count = tonumber(kept[2])
end

if count >= limit then
  return {0, now, count}
end
redis.call('HSET', KEYS[1], 'start', start, 'count', count + 1)
redis.call('PEXPIRE', KEYS[1], math.ceil((start + window - now) / 1000) + 1000)
return {1, now, count + 1}
