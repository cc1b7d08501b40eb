"""Requests that keep a thread of a web process for seconds: an organisation has a few at a time.

Those that wait are counted in each process, those that read in the cache for all: they take the
processor, and one in each process would leave no process quick.

They wait for a name server or a carrier that the organisation has named, or read a long body. One
more is answered 429 at once, so that the threads that are left serve everybody else.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis
from django.conf import settings
from django.core.cache import cache

from orbit.api.errors import ApiError
from orbit.api.throttling import PACE

RETRY_AFTER = 1  # seconds
LONGEST = 120  # seconds that the place of a process that was killed stays taken
_lock = threading.Lock()
_under_way: Counter[tuple[str, str]] = Counter()


@contextmanager
def for_others(organization_id: str) -> Iterator[None]:
    """Wait in the block for what others answer. Raises RATE_LIMIT_EXCEEDED."""
    most = settings.WAITING_REQUESTS_PER_ORGANIZATION
    with _place("waiting", organization_id, most, "wait for name servers or carriers"):
        yield


@contextmanager
def for_body(organization_id: str) -> Iterator[None]:
    """Read a long body in the block. Raises RATE_LIMIT_EXCEEDED."""
    most = settings.UPLOADS_PER_ORGANIZATION
    with _place("uploads", organization_id, most, "upload"):
        name = _name_of_free(organization_id, most)
        try:
            yield
        finally:
            if name:
                _quietly(lambda: cache.delete(name))


def _name_of_free(organization_id: str, most: int) -> str:
    """The name of the place in the cache that was taken; "" while the cache is away."""
    names = [f"upload:{organization_id}:{number}" for number in range(most)]
    for name in names:
        if (taken := _quietly(lambda name=name: cache.add(name, 1, LONGEST))) is None:
            return ""
        if taken:
            return name
    raise _refusal(most, "upload")


def _quietly(call: Callable[[], bool]) -> bool | None:
    try:
        return call()
    except (redis.RedisError, OSError):
        return None


@contextmanager
def _place(kind: str, organization_id: str, most: int, what: str) -> Iterator[None]:
    with _lock:
        if _under_way[kind, organization_id] >= most:
            raise _refusal(most, what)
        _under_way[kind, organization_id] += 1
    try:
        yield
    finally:
        with _lock:
            _under_way[kind, organization_id] -= 1
            if not _under_way[kind, organization_id]:
                del _under_way[kind, organization_id]


def _refusal(most: int, what: str) -> ApiError:
    # To refuse a long body has cost its way here: nginx sends the answer in two seconds' parts.
    slowly = {PACE: "500"} if what == "upload" else {}
    return ApiError(
        "RATE_LIMIT_EXCEEDED",
        f"Other requests of the organisation {what} already. Retry after {RETRY_AFTER} second(s).",
        details={"retry_after": RETRY_AFTER, "limit": most, "window": "at once"},
        headers={"Retry-After": str(RETRY_AFTER), **slowly},
    )
