"""API_CPU_LIMIT: the processor time that an organisation's requests may take, whatever they ask.

Requests differ a thousandfold in what they cost, and keys are many: counting requests of a key
bounds no organisation. Messages that were taken are left out, since MESSAGE_RATE_LIMIT bounds them,
and so is a 429 without a long body. Known to Redis a little later, so that most requests cost no
further round trip.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from orbit.api import throttling
from orbit.api.request_body import has_long_body
from orbit.api.throttling import Rate

STEP = 0.1  # seconds that an organisation takes in this process before Redis is told
_MOST = 10_000  # organisations that are kept in memory


@dataclass(slots=True)
class _Account:
    """`untold`: seconds that Redis does not know; `until`: refused so long (monotonic clock)."""

    untold: float = 0.0
    until: float = 0.0


_accounts: dict[str, _Account] = {}
_lock = threading.Lock()


def check(organization_id: str) -> None:
    """Raise 429 RATE_LIMIT_EXCEEDED while the organisation has taken more than its time."""
    account = _accounts.get(organization_id)
    wait = account.until - time.monotonic() if account else 0.0
    if wait > 0:
        raise throttling.exceeded(
            Rate.parse(settings.API_CPU_LIMIT),
            math.ceil(wait),
            "Processor time of the organisation exceeded.",
        )


def note(request: Any, status: int, seconds: float) -> None:
    """Count what the answer to this request took."""
    organization = getattr(getattr(request, "caller", None), "organization", None)
    took_messages = hasattr(request, "message_standing") and status < 400
    if organization is None or took_messages or (status == 429 and not has_long_body(request)):
        return
    with _lock:
        if len(_accounts) >= _MOST and organization.pk not in _accounts:
            _accounts.clear()
        account = _accounts.setdefault(organization.pk, _Account())
        account.untold += seconds
        if account.untold < STEP:
            return
        told, account.untold = account.untold, 0.0
    rate = Rate.parse(settings.API_CPU_LIMIT)
    account.until = time.monotonic() + throttling.charge("api", organization.pk, rate, told)
