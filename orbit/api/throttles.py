"""Rate limits: fixed windows, counted atomically in the cache.

Each API key or signed-in user has its own count, and so has each address that presents neither.
When the cache is away, requests go on uncounted.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import math
import time
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache

from orbit.api.addresses import client_address
from orbit.api.errors import ApiError

logger = logging.getLogger(__name__)
_PAUSE = 5.0  # seconds without asking a cache that was away


@dataclass(frozen=True)
class Rate:
    """At most `limit` requests in each window of `seconds`."""

    limit: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read "1200/60"; raises ValueError."""
        limit, _, seconds = text.partition("/")
        rate = cls(int(limit), int(seconds))
        if rate.limit < 1 or rate.seconds < 1:
            raise ValueError(f"{text!r}: both numbers have to be at least 1")
        return rate


@dataclass(frozen=True)
class Window:
    """How one caller stands in the running window; `reset` in Unix seconds."""

    rate: Rate
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(0, self.rate.limit - self.used)

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.rate.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }

    def check(self) -> None:
        """Raise 429 RATE_LIMIT_EXCEEDED if this request is one too many."""
        if self.used <= self.rate.limit:
            return
        wait = max(1, math.ceil(self.reset - time.time()))
        raise ApiError(
            "RATE_LIMIT_EXCEEDED",
            f"Rate limit exceeded. Retry after {wait} seconds.",
            details={
                "retry_after": wait,
                "limit": self.rate.limit,
                "window": f"{self.rate.seconds}s",
            },
            headers={"Retry-After": str(wait)},
        )


def count(request: Any, identity: str) -> None:
    """Count the request for the caller; raises 429. The answer's headers come from here."""
    window = take("api", identity, Rate.parse(settings.API_RATE_LIMIT))
    getattr(request, "_request", request).rate_window = window
    window.check()


def count_address(request: Any) -> None:
    """Count a request of nobody known for its address; raises 429."""
    count(request, f"address:{client_address(request)}")


def headers(request: Any) -> dict[str, str]:
    """X-RateLimit-* for the answer, also to requests that no view has counted."""
    if not hasattr(request, "rate_window"):
        with contextlib.suppress(ApiError):  # it has been answered already
            count_address(request)
    return request.rate_window.headers()


def take(purpose: str, identity: str, rate: Rate) -> Window:
    """Count one more in the running window of `identity`."""
    now = time.time()
    start = int(now // rate.seconds)
    name = hashlib.sha256(identity.encode()).hexdigest()[:32]
    key = f"rate:{purpose}:{rate.seconds}:{start}:{name}"
    return Window(rate, _increment(key, rate.seconds), (start + 1) * rate.seconds)


class _Away:
    """Whether the cache is away, so that the log says so once and nobody waits for it each time."""

    since: float | None = None
    until = 0.0


def _increment(key: str, seconds: int) -> int:
    if time.monotonic() < _Away.until:
        return 0
    try:
        used = _add_one(key, seconds)
    except (redis.RedisError, OSError) as error:
        _Away.until = time.monotonic() + _PAUSE
        if _Away.since is None:
            _Away.since = time.monotonic()
            logger.warning("rate limits are off while the cache is away: %s", type(error).__name__)
        return 0
    if _Away.since is not None:
        _Away.since = None
        logger.warning("rate limits are on again")
    return used


def _add_one(key: str, seconds: int) -> int:
    # The window's end is in the key, so the timeout only cleans up.
    for _ in range(3):
        try:
            return cache.incr(key)
        except ValueError:  # the first of its window, or evicted: a small cache is asked again
            cache.add(key, 0, timeout=seconds * 2)
    return 0
