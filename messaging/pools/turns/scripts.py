"""What Redis does in one go. Keys of one pool share a hash tag, for a cluster."""

from __future__ import annotations

# KEYS: the group, its lane. ARGV: what a group's key starts with.
# -> {turn} of a group that is known, else {-1, turn, order} of the one before it in the lane, or
# {-1} where there was none.
LOOK = """
local turn = redis.call('HGET', KEYS[1], 'turn')
if turn then return {tonumber(turn)} end
local before = redis.call('GET', KEYS[2])
if before then
  local old = redis.call('HMGET', ARGV[1] .. before, 'turn', 'order')
  if old[1] then return {-1, tonumber(old[1]), old[2]} end
end
return {-1}
"""

# KEYS as above. ARGV: as above, the group's key, seconds to live; for a group that is new: its
# order, its first turn.
# -> as above. A group that is not known is only taken once its first turn is said, and then from
# there, unless somebody was quicker.
TAKE = f"""
if #ARGV == 5 and redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'order', ARGV[4], 'turn', ARGV[5])
end
local found = (function() {LOOK} end)()
if found[1] >= 0 then
  redis.call('HINCRBY', KEYS[1], 'turn', 1)
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
end
return found
"""

# KEYS: when the pool's members were last used, a sorted set. ARGV: ids of the group in its order,
# with commas. -> when each was used, with commas; 0 for never. One text each way: a thousand values
# cost more to pack than to use.
USED = """
local ids = {}
for id in string.gmatch(ARGV[1], '[^,]+') do ids[#ids + 1] = id end
local used = redis.call('ZMSCORE', KEYS[1], unpack(ids))
for place = 1, #ids do used[place] = used[place] or '0' end
"""
LAST_USES = f"""
{USED}
return table.concat(used, ',')
"""

# KEYS as above. ARGV: as above, seconds to live, members to keep. The one used longest ago is used
# now, of several the first. -> as above, before it is.
USE = f"""
{USED}
local chosen, oldest = 1, nil
for place = 1, #ids do
  local at = tonumber(used[place])
  if not oldest or at < oldest then chosen, oldest = place, at end
end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('ZADD', KEYS[1], (tonumber(last[2] or 0)) + 1, ids[chosen])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[3]) - 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return table.concat(used, ',')
"""
