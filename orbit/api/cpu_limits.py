"""API_CPU_LIMIT: the processor time that an organisation's requests may use.

Requests differ a thousandfold in cost and an organisation may have many keys, so counting requests
per key does not bound it. The database's time (about half as much again) is not measured: how long
a statement lasts depends more on others than on its own work.

Accepted messages are not counted: MESSAGE_RATE_LIMIT bounds them. Nor are refusals by this limit
and by API_RATE_LIMIT, which cost nearly nothing (known_callers.py); if they counted, a client that
retries would never get in again. Refusals by other limits count: finding out that too many binds
were refused takes the database. Redis is told in steps, so that most requests need no further round
trip.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from orbit.api import throttling
from orbit.api.errors import ApiError
from orbit.api.request_body import has_long_body
from orbit.api.throttling import Rate

STEP = 0.1  # seconds that an organisation takes in this process before Redis is told
_MOST = 10_000  # organisations that are kept in memory


@dataclass(slots=True)
class _Account:
    """`untold`: seconds that Redis does not know; `until`: refused so long (monotonic clock)."""

    untold: float = 0.0
    until: float = -math.inf


_accounts: dict[str, _Account] = {}
_lock = threading.Lock()


def refusal(request: Any, organization_id: str) -> ApiError | None:
    """429 RATE_LIMIT_EXCEEDED while the organisation has used more than its time.

    A request with a long body may use all of it at once, and is not interrupted. So once the limit
    was exceeded, such a request waits a window longer than others: until all of it is paid off.
    """
    account = _accounts.get(organization_id)
    if account is None:
        return None
    rate = Rate.parse(settings.API_CPU_LIMIT)
    wait = account.until - time.monotonic() + (rate.seconds if has_long_body(request) else 0)
    if wait <= 0:
        return None
    return throttling.exceeded(
        rate, math.ceil(wait), "Processor time of the organisation exceeded."
    )


def charge_to(request: Any, organization_id: str) -> None:
    """Name the organisation whose time the request uses, once no limit refuses it."""
    getattr(request, "_request", request).cpu_account = organization_id


def note(request: Any, status: int, seconds: float) -> None:
    """Count what the answer to this request took."""
    organization_id = getattr(request, "cpu_account", None)
    took_messages = hasattr(request, "message_standing") and status < 400
    if organization_id is None or took_messages:
        return
    with _lock:
        if len(_accounts) >= _MOST and organization_id not in _accounts:
            _accounts.clear()
        account = _accounts.setdefault(organization_id, _Account())
        account.untold += seconds
        if account.untold < STEP:
            return
        told, account.untold = account.untold, 0.0
    rate = Rate.parse(settings.API_CPU_LIMIT)
    pause = throttling.charge("api", organization_id, rate, told)
    if pause:
        account.until = time.monotonic() + pause
