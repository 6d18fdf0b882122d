"""The scripts that Redis carries out, one for each operation of a store: each is atomic, and one round trip.

A world has four keys: a hash with the version of its `first` commit, the version `kept` from which on commits are
there, and the version of its `snapshot`; the list of its commits; the list of their ids, which is longer where commits
were compacted away; and the snapshot. Its version is that of the last commit in the list.

Whoever asks beyond a version says by which id it knows the commit of that version, where it does. A Redis that lost
commits, and got others in their place since, so tells a replica that it has to begin anew.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from mockserver.stores.world_store import REMEMBERED

COMMITTED, BEHIND, BUSY, LEASE_LOST = 0, 1, 2, 3
"""What the first item of an answer to an append means."""


class Script(NamedTuple):
    """A script, and the digest by which Redis knows it once it had it."""

    source: str
    digest: str


_ROWS = """
local function row_of(k)
  local row = redis.call('HMGET', KEYS[k], 'first', 'kept', 'snapshot')
  if not row[1] then return nil end
  local kept = tonumber(row[2])
  return tonumber(row[1]), kept, kept + redis.call('LLEN', KEYS[k + 1]) - 1, row[3]
end

local function id_at(k, version, at)
  if at > version then return false end
  return redis.call('LINDEX', KEYS[k + 2], at - version - 1)
end

local function is_same(k, version, at, known)
  return known == '' or id_at(k, version, at) == known
end

local function since(k, after, known)
  local first, kept, version, snapshot = row_of(k)
  if not first then return {0, after > 0 and 1 or 0, ''} end
  local same = is_same(k, version, after, known)
  local newest = id_at(k, version, version)
  if version == after and same then return {version, 0, newest} end
  if same and first <= after and after < version and after >= kept - 1 then
    return {version, 0, newest, redis.call('LRANGE', KEYS[k + 1], after + 1 - kept, -1)}
  end
  local commits = redis.call('LRANGE', KEYS[k + 1], 0, -1)
  if not snapshot then return {version, 1, newest, commits} end
  return {version, 1, newest, commits, snapshot, redis.call('GET', KEYS[k + 3])}
end

local function fence_of(key)
  local held = redis.call('GET', key)
  return held and string.match(held, '^%d+')
end
"""


def _script(body: str) -> Script:
    source = _ROWS + body
    return Script(source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


SINCE = _script("return since(1, tonumber(ARGV[1]), ARGV[2])")
"""Keys: the world's four. Arguments: version, id known of it or nothing."""

APPEND = _script(f"""
local world, after, id, known, directory, lease = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[6], ARGV[7], ARGV[9]
local first, kept, version = row_of(1)
if first and version > after then
  local at = after > 0 and after + 1 or first
  if id_at(1, version, at) == id then return {{{COMMITTED}, at}} end
end
local writer = fence_of(KEYS[5])
if writer and not (writer == lease and KEYS[#KEYS] == KEYS[5]) then
  return {{{BUSY}, redis.call('PTTL', KEYS[5])}}
end
if lease ~= '' and fence_of(KEYS[#KEYS]) ~= lease then return {{{LEASE_LOST}}} end
local expected = (version or 0) == after and (not first or is_same(1, version, after, known))
if directory ~= '' then
  local of_directory = since(9, tonumber(directory), ARGV[8])
  if not expected or of_directory[1] ~= tonumber(directory) or of_directory[2] == 1 then
    return {{{BEHIND}, since(1, after, known), of_directory}}
  end
elseif not expected then
  return {{{BEHIND}, since(1, after, known)}}
end
redis.call('RPUSH', KEYS[2], ARGV[4])
redis.call('RPUSH', KEYS[3], id)
if first then
  version = version + 1
else
  version = tonumber(redis.call('GET', KEYS[8]) or '1')
  redis.call('HSET', KEYS[1], 'first', version, 'kept', version)
  redis.call('SADD', KEYS[7], world)
end
if ARGV[5] == '' then redis.call('ZREM', KEYS[6], world) else redis.call('ZADD', KEYS[6], ARGV[5], world) end
redis.call('PUBLISH', ARGV[10], string.format('%s %.0f %s', ARGV[11], version, world))
return {{{COMMITTED}, version}}
""")
"""Keys: the world's four, its writer lease, due, names, next; the directory's four where its version counts; the lease
where there is one. Arguments: world, version before, id, content, due or nothing, id known of the version before or
nothing, version of the directory or nothing, id known of that, fence of the lease or nothing, channel, sender.
"""

COMPACT = _script(f"""
local version, keep_from = tonumber(ARGV[1]), tonumber(ARGV[3])
local first, kept, newest, snapshot = row_of(1)
if not first or version < first or version > newest or not is_same(1, newest, version, ARGV[4]) then return 0 end
if snapshot and version < tonumber(snapshot) then return 0 end
redis.call('SET', KEYS[4], ARGV[2])
local from = math.max(kept, math.min(keep_from, version + 1))
redis.call('HSET', KEYS[1], 'snapshot', version, 'kept', from)
redis.call('LTRIM', KEYS[2], from - kept, -1)
redis.call('LTRIM', KEYS[3], -math.max({REMEMBERED}, newest - from + 1), -1)
return 1
""")
"""Keys: the world's four. Arguments: version of the snapshot, its content, version to keep from, id known of that
version or nothing.
"""

DROP = _script("""
local first, kept, version = row_of(1)
if not first then return 1 end
if version ~= tonumber(ARGV[2]) or not is_same(1, version, version, ARGV[3]) then return 0 end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('SREM', KEYS[6], ARGV[1])
local next = tonumber(redis.call('GET', KEYS[7]) or '1')
redis.call('SET', KEYS[7], string.format('%.0f', math.max(next, version + 2)))
redis.call('PUBLISH', ARGV[4], string.format('%s 0 %s', ARGV[5], ARGV[1]))
return 1
""")
"""Keys: the world's four, due, names, next. Arguments: world, version, id known or nothing, channel, sender. One number
is left out, so that the first commit of a world never goes on from what was dropped.
"""

LEASE = _script("""
local held = redis.call('GET', KEYS[1])
if held then
  local fence, holder = string.match(held, '^(%d+):(.*)$')
  if holder ~= ARGV[1] then return 0 end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return fence
end
local now = redis.call('TIME')
local fence = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, now[1] * 1000 + math.floor(now[2] / 1000))
fence = string.format('%.0f', fence)
redis.call('SET', KEYS[2], fence)
redis.call('SET', KEYS[1], fence .. ':' .. ARGV[1], 'PX', ARGV[2])
return fence
""")
"""Keys: the lease, the last fence. Arguments: holder, milliseconds. A fence is at least the time, so that it grows also
where Redis lost the last one.
"""

RELEASE = _script("if fence_of(KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1")
"""Keys: the lease. Arguments: its fence."""
