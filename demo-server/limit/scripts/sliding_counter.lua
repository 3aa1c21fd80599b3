-- Sliding counter, see counter.go.
--
-- KEYS[1]: a hash of the current window's start, the previous count and the current one.
-- ARGV: limit, window. Returns whether the request is admitted, now, and both counts,
-- the current one with it.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local kept = redis.call('HMGET', KEYS[1], 'start', 'previous', 'current')
local last = tonumber(kept[1] or -1)
now = math.max(now, last) -- a clock that was set back stands still
local start = now - now % window
local previous, current = 0, 0
if last == start then
  previous, current = tonumber(kept[2]), tonumber(kept[3])
elseif last == start - window then
  previous = tonumber(kept[3])
end

if previous * (start + window - now) + current * window >= limit * window then
  return {0, now, previous, current}
end
redis.call('HSET', KEYS[1], 'start', start, 'previous', previous, 'current', current + 1)
redis.call('PEXPIRE', KEYS[1], math.ceil((start + 2 * window - now) / 1000) + 1000)
return {1, now, previous, current + 1}
