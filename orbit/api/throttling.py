"""Rate limits: fixed windows, counted atomically in Redis.

Each API key or signed-in user has its own count, and so has each address that presents neither
(IPv6: each /64).
Messages of an organisation are limited besides (message_limits.py).
Without Redis, and while it is away, requests go on uncounted.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.core.cache import cache

from orbit.api.client_ip import client_address, network_of
from orbit.api.errors import ApiError
from orbit.cache import Bucket, Spent

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
# nginx sends an answer with this header at so many bytes a second, and takes the header off. That
# keeps a connection of the proxy, and none of our threads.
PACE = "X-Accel-Limit-Rate"
_PAUSE = 5.0  # seconds without asking a Redis that was away


@dataclass(frozen=True)
class Rate:
    """At most `limit` requests in each window of `seconds`."""

    limit: int
    seconds: int

    @classmethod
    @functools.lru_cache(maxsize=64)  # several for each request
    def parse(cls, text: str) -> Rate:
        """Read "1200/60"; raises ValueError."""
        limit, _, seconds = text.partition("/")
        rate = cls(int(limit), int(seconds))
        if rate.limit < 1 or rate.seconds < 1:
            raise ValueError(f"{text!r}: both numbers have to be at least 1")
        return rate


@dataclass(frozen=True)
class Window:
    """A caller's count in the current window; `reset` in Unix seconds."""

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
        """Raise `refusal`, if there is one."""
        if refusal := self.refusal():
            raise refusal

    def refusal(self) -> ApiError | None:
        """429 RATE_LIMIT_EXCEEDED if this request is one too many."""
        if self.used <= self.rate.limit:
            return None
        wait = max(1, math.ceil(self.reset - time.time()))
        return exceeded(self.rate, wait, "Rate limit exceeded.")

    def as_of_now(self) -> Window:
        """The window as of now: a new one after its end, or under another limit."""
        rate, now = Rate.parse(settings.API_RATE_LIMIT), time.time()
        if now < self.reset and rate == self.rate:
            return self
        return Window(rate, 0, (int(now // rate.seconds) + 1) * rate.seconds)


def exceeded(rate: Rate, wait: int, what: str) -> ApiError:
    """429 for a caller who may try again in `wait` seconds."""
    return ApiError(
        "RATE_LIMIT_EXCEEDED",
        f"{what} Retry after {wait} seconds.",
        details={"retry_after": wait, "limit": rate.limit, "window": f"{rate.seconds}s"},
        headers={"Retry-After": str(wait)},
    )


def count(request: Any, identity: str, *, bucket: Bucket | None = None) -> Spent:
    """Count the request for the caller; raises 429. The answer's headers show this count.

    The units of `bucket` are taken in the same round trip to Redis, unless the answer is 429.
    """
    window, spent = _take("api", identity, Rate.parse(settings.API_RATE_LIMIT), bucket)
    getattr(request, "_request", request).rate_window = window
    window.check()
    return spent


def count_address(request: Any) -> None:
    """Count a request without a caller for its address; raises 429."""
    count(request, f"address:{network_of(client_address(request))}")


def headers(request: Any) -> dict[str, str]:
    """X-RateLimit-* for the answer, also to requests that no view has counted."""
    if not hasattr(request, "rate_window"):
        with contextlib.suppress(ApiError):  # the answer is made already
            count_address(request)
    return request.rate_window.headers()


def take(purpose: str, identity: str, rate: Rate) -> Window:
    """Count one more in the current window of `identity`."""
    return _take(purpose, identity, rate, None)[0]


def spend(bucket: Bucket) -> Spent:
    """Take the units of a bucket alone."""
    return _spend(bucket.key, kept=0, limit=0, bucket=bucket)


def charge(
    purpose: str, identity: str, rate: Rate, seconds: float = 0.0, windows: float = 2.0
) -> float:
    """Count seconds of work that was done for `identity`; return how many it has to pause.

    `rate`: so many seconds of work in so many. What is beyond is a debt that the time pays off; it
    is never more than the time of so many `windows` pays off.
    """
    each = rate.seconds / rate.limit  # seconds that pay off one of work
    key = f"work:{purpose}:{rate.limit}:{rate.seconds}:{_name(identity)}"
    most = windows * rate.seconds
    debt = _ask(lambda: cache.charge(key, seconds * each, most=most), otherwise=0.0)
    return max(0.0, debt - rate.seconds)


def _take(purpose: str, identity: str, rate: Rate, bucket: Bucket | None) -> tuple[Window, Spent]:
    start = int(time.time() // rate.seconds)
    # The window's end is in the key, so the timeout only cleans up.
    key = f"rate:{purpose}:{rate.seconds}:{start}:{_name(identity)}"
    spent = _spend(key, kept=rate.seconds * 2, limit=rate.limit, bucket=bucket)
    return Window(rate, spent.used, (start + 1) * rate.seconds), spent


def _name(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


class _Away:
    """Whether Redis is away: the log says so once, and requests do not wait for it each time."""

    since: float | None = None
    until = 0.0


def _spend(key: str, **wanted: Any) -> Spent:
    return _ask(lambda: cache.spend(key, **wanted), otherwise=Spent(used=0))


def _ask(call: Callable[[], Answer], *, otherwise: Answer) -> Answer:
    """Ask the cache; returns `otherwise` without Redis or while it is down."""
    if not settings.REDIS_URL or time.monotonic() < _Away.until:
        return otherwise
    try:
        answer = call()
    except (redis.RedisError, OSError) as error:
        _Away.until = time.monotonic() + _PAUSE
        if _Away.since is None:
            _Away.since = time.monotonic()
            logger.warning("rate limits are off while the cache is away: %s", type(error).__name__)
        return otherwise
    if _Away.since is not None:
        _Away.since = None
        logger.warning("rate limits are on again")
    return answer
