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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings

from orbit.api import throttling
from orbit.api.errors import ApiError
from orbit.api.request_body import has_long_body
from orbit.api.throttling import Rate

STEP = 0.1  # seconds that an organisation takes in this process before Redis is told
# A long request of an organisation that is over its time: after so many items of its body it rests
# so many times as long as they took, and so many seconds in all, or a proxy would give it up.
ITEMS, REST, LONGEST_REST = 100, 4.0, 20.0
# One body may take many times the time that there is, and all of that is paid off.
_LONG, LONG_WINDOWS = ":long", 20.0
_MOST = 10_000  # accounts that are kept in memory


@dataclass(slots=True)
class _Account:
    """`untold`: seconds that Redis does not know; `until`: refused so long (monotonic clock)."""

    untold: float = 0.0
    until: float = -math.inf


Item = TypeVar("Item")
_accounts: dict[str, _Account] = {}
_lock = threading.Lock()


def refusal(request: Any, organization_id: str) -> ApiError | None:
    """429 RATE_LIMIT_EXCEEDED while the organisation has used more than its time.

    A request with a long body may use all of it at once, and is not interrupted. So once the limit
    was exceeded, such a request waits a window longer than others: until all of it is paid off.
    """
    account = _accounts.get(_account_of(request, organization_id))
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
    request = getattr(request, "_request", request)
    request.cpu_account = _account_of(request, organization_id)


def _account_of(request: Any, organization_id: str) -> str:
    """Long bodies have as much time again: a list of recipients must not keep the messages and
    reads of its organisation waiting."""
    return f"{organization_id}{_LONG}" if has_long_body(request) else organization_id


def note(request: Any, status: int, seconds: float) -> None:
    """Count what the answer to this request took, but for what `paced` has counted."""
    account = getattr(request, "cpu_account", None)
    took_messages = hasattr(request, "message_standing") and status < 400
    if account is not None and not took_messages:
        _charge(account, seconds - getattr(request, "cpu_counted", 0.0))


def paced(request: Any, items: Iterable[Item]) -> Iterator[Item]:
    """The items of a long body, and what is done with each of them, at a pace that others can bear.

    Their time counts at once and not when the request ends: the organisation's other requests see
    it. Once it has taken more than its time, the request rests in between. Others want the
    processor meanwhile, and the thread that has the interpreter.
    """
    request = getattr(request, "_request", request)
    account = getattr(request, "cpu_account", None)
    if account is None:
        yield from items
        return
    request.cpu_counted, rested, began = 0.0, 0.0, time.thread_time()
    for number, item in enumerate(items, start=1):
        yield item
        if number % ITEMS:
            continue
        took = time.thread_time() - began
        request.cpu_counted += took
        _charge(account, took)
        if _accounts[account].until > time.monotonic():
            rest = min(REST * took, LONGEST_REST - rested)
            time.sleep(max(0.0, rest))
            rested += rest
        began = time.thread_time()


def _charge(name: str, seconds: float) -> None:
    with _lock:
        if len(_accounts) >= _MOST and name not in _accounts:
            _accounts.clear()
        account = _accounts.setdefault(name, _Account())
        account.untold += seconds
        if account.untold < STEP:
            return
        told, account.untold = account.untold, 0.0
    rate = Rate.parse(settings.API_CPU_LIMIT)
    windows = LONG_WINDOWS if name.endswith(_LONG) else 2.0
    pause = throttling.charge("api", name, rate, told, windows)
    if pause:
        account.until = time.monotonic() + pause
