"""What one organisation may ask of the workers that all share, in a time.

Counted in Redis like the rate limits: without it nothing is limited.
"""

from __future__ import annotations

import math
import time

from django.conf import settings

from orbit.api import throttling
from orbit.api.throttling import Rate

LONG = 0.5  # seconds of a pass
DOWN = 6.0  # so many times a pass counts after which a bind of the organisation is still down


def spend_push(organization_id: str) -> int:
    """Count one push; return 0, or the seconds until the next may run."""
    return _spend("push", organization_id, settings.PUSH_RATE_LIMIT)


def charge_pass(organization_id: str, seconds: float = 0.0, *, is_down: bool = False) -> bool:
    """Count the seconds that a pass of the organisation kept the gateway's other passes waiting;
    return whether beat alone passes over it for now.

    Seconds count more the longer the pass was: a pass of twice LONG is waited for twice as long, by
    twice as many. `is_down`: the organisation has a bind that does not come up. One that brings up
    many carriers has few of those; one that changes them only to keep the gateway busy has no
    others.
    """
    rate = Rate.parse(settings.PASS_TIME_LIMIT)
    waited = seconds * max(1.0, seconds / LONG) * (DOWN if is_down else 1.0)
    return throttling.charge("pass", organization_id, rate, waited) > 0


def spend_trial(organization_id: str) -> int:
    """Count one trial bind of the diagnosis; return 0, or the seconds until the next may run."""
    return _spend("diagnosis", organization_id, settings.DIAGNOSIS_RATE_LIMIT)


def _spend(purpose: str, organization_id: str, limit: str) -> int:
    rate = Rate.parse(limit)
    window = throttling.take(purpose, organization_id, rate)
    if window.used <= rate.limit:
        return 0
    return max(1, math.ceil(window.reset - time.time()))
