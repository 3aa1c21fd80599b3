-- Sliding log, see log.go.
--
-- KEYS[1]: a sorted set with a member for each admitted request, by its instant. The
-- member is the instant and a number, since several may share an instant.
-- ARGV: limit, window. Returns whether the request is admitted, now, how many are
-- remembered with it, and the instant that must be forgotten for another one.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
local admitted = 0
if count < limit then
  -- Not now .. ':' .. count: that writes no more than 14 digits of now.
  redis.call('ZADD', KEYS[1], now, string.format('%.0f:%d', now, count))
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000) + 1000)
  admitted, count = 1, count + 1
end
local at = math.max(count - limit, 0)
local entry = redis.call('ZRANGE', KEYS[1], at, at, 'WITHSCORES')
return {admitted, now, count, tonumber(entry[2])}
