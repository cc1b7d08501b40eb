"""Lua scripts that Redis runs atomically. Keys of one pool share a hash tag, for a cluster."""

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

# KEYS: the group, the lanes that turns are taken in, first the first turn's. ARGV: as above, the
# group's key, seconds to live, how many turns; for a group that is new: its order, its first turn.
# -> as above; the turns taken are those from `turn` on. A group that is not known is only taken
# once its first turn is said, and then from there, unless another process was quicker.
TAKE = f"""
if #ARGV == 6 and redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'order', ARGV[5], 'turn', ARGV[6])
end
local found = (function() {LOOK} end)()
if found[1] >= 0 then
  redis.call('HINCRBY', KEYS[1], 'turn', ARGV[4])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  for place = 2, #KEYS do redis.call('SET', KEYS[place], ARGV[2], 'EX', ARGV[3]) end
end
return found
"""

# KEYS: when the pool's members were last used, a sorted set. ARGV: ids of the group in its order,
# with commas. -> when each was used, with commas; 0 for never. One text each way: a thousand values
# cost more to pack than to use.
LAST_USES = """
local ids = {}
for id in string.gmatch(ARGV[1], '[^,]+') do ids[#ids + 1] = id end
local used = redis.call('ZMSCORE', KEYS[1], unpack(ids))
for place = 1, #ids do used[place] = used[place] or '0' end
return table.concat(used, ',')
"""

# KEYS as above. ARGV: seconds to live, members to keep, the uses with commas, then groups as above.
# A use is the number of a group (from 1): its member that was used longest ago is used now, the
# first of several. Or, below 0, the number of an earlier use (-1 is the first): its member is used
# again.
# -> ids of the members used, with commas.
USE = """
local groups, known, used = {}, {}, {}
for place = 4, #ARGV do
  local ids = {}
  for id in string.gmatch(ARGV[place], '[^,]+') do
    ids[#ids + 1] = id
    if not used[id] then
      known[#known + 1] = id
      used[id] = 0
    end
  end
  groups[#groups + 1] = ids
end
for first = 1, #known, 1000 do
  local some = {unpack(known, first, math.min(first + 999, #known))}
  local scores = redis.call('ZMSCORE', KEYS[1], unpack(some))
  for place = 1, #some do used[some[place]] = tonumber(scores[place] or '0') end
end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
local tick, changed, taken = tonumber(last[2] or 0), {}, {}
for text in string.gmatch(ARGV[3], '[^,]+') do
  local use, chosen = tonumber(text), nil
  if use < 0 then
    chosen = taken[-use]
  else
    for _, id in ipairs(groups[use]) do
      if not chosen or used[id] < used[chosen] then chosen = id end
    end
  end
  tick = tick + 1
  used[chosen], changed[chosen], taken[#taken + 1] = tick, tick, chosen
end
for id, at in pairs(changed) do redis.call('ZADD', KEYS[1], at, id) end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[2]) - 1)
redis.call('EXPIRE', KEYS[1], ARGV[1])
return table.concat(taken, ',')
"""
