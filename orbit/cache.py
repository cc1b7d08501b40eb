"""The cache: Django's own on Redis, with less to do for each call."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

# One question instead of two, and nobody can delete the key between them.
_INCREMENT = "return redis.call('EXISTS', KEYS[1]) == 1 and redis.call('INCRBY', KEYS[1], ARGV[1])"


class Client(RedisCacheClient):
    """Keeps one `redis.Redis` over its pool: Django makes one a call, which takes as long as the
    call itself."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: str | None = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)
        if id(pool) not in self._clients:
            self._clients[id(pool)] = self._client(connection_pool=pool)
        return self._clients[id(pool)]

    def incr(self, key: str, delta: int) -> int:
        value = self.get_client(key, write=True).eval(_INCREMENT, 1, key, delta)
        if value is None:
            raise ValueError(f"Key {key!r} not found.")
        return value


class Cache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = Client
