"""The cache: Django's own on Redis, with less to do for each call, and the counters of rate limits.

Why these and no library: docs/adr/0045.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from dataclasses import dataclass
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class Script:
    """A script of Redis, and by what Redis knows it once it has run."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


# KEYS: the window's count, the bucket. ARGV: seconds that the count is kept, its limit (or 0: the
# count is left alone), units, microseconds for a unit, microseconds that a full bucket holds, the
# most that it can owe. Redis's clock decides: those of web servers differ.
_SPEND = Script("""
local used = 0
if tonumber(ARGV[2]) > 0 then
  used = redis.call('INCR', KEYS[1])
  if used == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
end
if not KEYS[2] then return {used, 0, 0} end
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local units, each, burst = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local missing = tonumber(redis.call('GET', KEYS[2]) or 0) - now
if missing < 0 or missing > burst + tonumber(ARGV[6]) then missing = 0 end
local taken = 0
if used <= tonumber(ARGV[2]) and missing + math.min(units * each, burst) <= burst then
  taken, missing = 1, missing + units * each
  local full, kept = string.format('%.0f', now + missing), math.ceil(missing / 1000) + 1
  redis.call('SET', KEYS[2], full, 'PX', kept)
end
return {used, taken, math.ceil(missing)}
""")
# KEYS: a debt. ARGV: microseconds to add, and the most that it becomes.
_CHARGE = Script("""
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local added, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local debt = tonumber(redis.call('GET', KEYS[1]) or 0) - now
if debt < 0 or debt > most then debt = 0 end
debt = math.min(debt + added, most)
if added > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000) + 1)
end
return math.ceil(debt)
""")
_MICRO = 1_000_000
_FRESH = 1.0  # seconds after an answer in which a connection is not asked whether it lives


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket of `limit` units, filled once in `seconds`.

    `units` are taken if so many are there; more than it holds are taken from a full one, which then
    owes them. It never owes more than `most` units.
    """

    key: str
    limit: int
    seconds: int
    units: int
    most: int

    @property
    def each(self) -> int:
        """Microseconds until one unit is back."""
        return max(1, round(self.seconds * _MICRO / self.limit))

    @property
    def burst(self) -> int:
        """Microseconds until an empty one is full."""
        return self.each * self.limit


@dataclass(frozen=True, slots=True)
class Spent:
    """`used`: the window's count, this one included. `taken`: whether the bucket gave its units;
    `missing`: microseconds until it is full."""

    used: int
    taken: bool = True
    missing: int = 0


class ThreadsOwn(redis.Redis):
    """Sends commands over a connection of the thread's own. Borrowing one from redis-py's pool,
    timing it, and asking the socket whether it is alive take half the CPU of a command."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._own = threading.local()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        own = self._own
        if getattr(own, "pid", 0) == os.getpid() and time.monotonic() - own.answered_at < _FRESH:
            with contextlib.suppress(redis.ConnectionError):  # closed since: once more, as redis-py
                return self._answer(own.connection, args, options)
        return self._answer(self._connection(), args, options)

    def _answer(self, connection: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        own = self._own
        try:
            connection.send_command(*args, **options)
            answer = self.parse_response(connection, args[0], **options)
        except redis.ResponseError:  # an answer, too
            raise
        except BaseException:  # an outstanding answer would be taken
            connection.disconnect()
            own.__dict__.clear()
            raise
        own.pid, own.answered_at = connection.pid, time.monotonic()
        return answer

    def _connection(self) -> Any:
        """It connects by itself, when the next command is sent."""
        own = self._own
        connection = getattr(own, "connection", None)
        if connection is None or connection.pid != os.getpid():  # the process has forked
            pool = self.connection_pool
            connection = own.connection = pool.connection_class(**pool.connection_kwargs)
        elif not _is_usable(connection):
            connection.disconnect()
        return connection


def _is_usable(connection: Any) -> bool:
    """Whether the connection is still open and has no unread answer."""
    try:
        return not connection.can_read()
    except (redis.RedisError, OSError):
        return False


class Client(RedisCacheClient):
    """Keeps one client over its pool: Django creates one for each call, which takes as long as the
    call."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._client = ThreadsOwn
        self._clients: dict[int, Any] = {}

    def get_client(self, key: str | None = None, *, write: bool = False) -> ThreadsOwn:
        pool = self._get_connection_pool(write)
        if id(pool) not in self._clients:
            self._clients[id(pool)] = self._client(connection_pool=pool)
        return self._clients[id(pool)]

    def add(self, key: str, value: Any, timeout: int | None) -> bool:
        """Django's, without what redis-py's `set` asks of its fifteen options."""
        if not timeout:
            return super().add(key, value, timeout)
        command = ("SET", key, self._serializer.dumps(value), "EX", timeout, "NX")
        return bool(self.get_client(key, write=True).execute_command(*command))

    def spend(self, keys: list[str], arguments: list[int]) -> list[int]:
        return self._run(_SPEND, keys, arguments)

    def charge(self, key: str, arguments: list[int]) -> int:
        return self._run(_CHARGE, [key], arguments)

    def _run(self, script: Script, keys: list[str], arguments: list[int]) -> Any:
        """Run the script by its digest, which Redis knows until it restarts."""
        client = self.get_client(keys[0], write=True)
        try:
            return client.execute_command("EVALSHA", script.digest, len(keys), *keys, *arguments)
        except redis.exceptions.NoScriptError:
            return client.execute_command("EVAL", script.text, len(keys), *keys, *arguments)


class Cache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = Client

    def spend(self, key: str, *, kept: int, limit: int, bucket: Bucket | None = None) -> Spent:
        """Count one more under `key` and, unless that is more than `limit`, take the bucket's
        units: in one round trip, and atomically. With `limit` 0 the count is left alone.

        `kept`: seconds; the caller puts the window into the key.
        """
        keys, arguments = [self.make_and_validate_key(key)], [kept, limit]
        if bucket:
            keys.append(self.make_and_validate_key(bucket.key))
            owed = bucket.each * bucket.most
            arguments += [bucket.units, bucket.each, bucket.burst, owed]
        used, taken, missing = self._cache.spend(keys, arguments)
        return Spent(used, bool(taken) or bucket is None, missing)

    def charge(self, key: str, seconds: float, *, most: float) -> float:
        """Add seconds to a debt that is paid off by the clock; return what it is now.

        It never becomes more than `most`.
        """
        arguments = [round(seconds * _MICRO), round(most * _MICRO)]
        return self._cache.charge(self.make_and_validate_key(key), arguments) / _MICRO
