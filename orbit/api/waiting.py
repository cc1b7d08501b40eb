"""Requests that keep a thread of a web process for seconds: an organisation has a few at a time.

They wait for a name server or a carrier that the organisation has named, or read a long body. One
more is answered 429 at once, so that the threads that are left serve everybody else.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from orbit.api.errors import ApiError

RETRY_AFTER = 1  # seconds
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
    with _place("uploads", organization_id, settings.UPLOADS_PER_ORGANIZATION, "upload"):
        yield


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
    return ApiError(
        "RATE_LIMIT_EXCEEDED",
        f"Other requests of the organisation {what} already. Retry after {RETRY_AFTER} second(s).",
        details={"retry_after": RETRY_AFTER, "limit": most, "window": "at once"},
        headers={"Retry-After": str(RETRY_AFTER)},
    )
