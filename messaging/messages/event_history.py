"""The events of a message in the API and the console: `{status, at, detail}`, oldest first.

A message may be tried for a day. So that its events do not grow meanwhile, refusals for the same
reason are one event with a count.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.utils import timezone

from orbit.api.envelope import timestamp

ATTEMPT = "through "  # how the event of an attempt begins: carrier, then sender
MOST = 50  # events of a message that waits: reasons may have numbers of their own in them
_TIMES = re.compile(r" \((\d+) times\)")

Event = dict[str, str]


def event(status: str, detail: str = "", at: datetime | None = None) -> Event:
    """`at` None: now."""
    return {"status": str(status), "at": timestamp(at or timezone.now()), "detail": detail}


def after_refusal(
    events: list[Event], status: str, why: str, then: str = ""
) -> tuple[list[Event], int]:
    """Events after a refused attempt, and how often it was refused for this reason.

    `then`: what is done about it, which may be another thing each time. An attempt at a carrier
    that an earlier event names leaves no event.
    """
    kept, place = _without_repeated_attempt(events), _place(events, why)
    if place is None:
        return _trimmed([*events, event(status, _detail(why, 1, then))]), 1
    found = _TIMES.match(events[place]["detail"], len(why))
    times = int(found[1]) + 1 if found else 2
    kept[place] = kept[place] | {"detail": _detail(why, times, then)}
    return kept, times


def without_attempt(events: list[Event]) -> list[Event]:
    """Events without the attempt at their end: the gateway was not asked."""
    is_attempt = bool(events) and events[-1]["detail"].startswith(ATTEMPT)
    return events[:-1] if is_attempt else events


def _place(events: list[Event], why: str) -> int | None:
    for place, each in enumerate(events):
        rest = each["detail"][len(why) :] if each["detail"].startswith(why) else None
        if rest is not None and (rest == "" or rest.startswith("; ") or _TIMES.match(rest)):
            return place
    return None


def _without_repeated_attempt(events: list[Event]) -> list[Event]:
    if not events:
        return []
    *before, last = events
    carrier, _, _ = last["detail"].rpartition(", from ")
    known = carrier and any(each["detail"].startswith(f"{carrier}, from ") for each in before)
    return before if known and last["detail"].startswith(ATTEMPT) else [*events]


def _detail(why: str, times: int, then: str) -> str:
    counted = f"{why} ({times} times)" if times > 1 else why
    return f"{counted}; {then}" if then else counted


def _trimmed(events: list[Event]) -> list[Event]:
    """The first one, and the latest."""
    return events if len(events) <= MOST else [events[0], *events[-(MOST - 1) :]]
