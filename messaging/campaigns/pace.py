"""The throughput of a campaign: how many messages may be made now. Pure.

The generic cell rate algorithm (ITU-T I.371): one moment, `paced_at`, says until when what was
made so far has used up the throughput.
"""

from __future__ import annotations

from datetime import datetime, timedelta

SAVED_UP = timedelta(seconds=2)  # unused throughput that may be made up for at most
AHEAD = timedelta(seconds=2)  # of traffic that may wait to be sent
FEWEST_AHEAD = 100  # so that a few temporary refusals don't hold up the rest
FARTHEST = timedelta(minutes=10)  # throughput that one batch can use up at most
UNLIMITED = 1000  # messages/s: no bind is faster


def due(throughput: int | None, paced_at: datetime, now: datetime) -> int | None:
    """How many messages the throughput (messages/s) allows now; None if there is no limit."""
    if throughput is None:
        return None
    saved_up = now - max(_known(paced_at, now), now - SAVED_UP)
    return max(0, int(saved_up / timedelta(seconds=1) * throughput))


def after(throughput: int | None, paced_at: datetime, now: datetime, count: int) -> datetime:
    """`paced_at` once `count` have been made."""
    if throughput is None:
        return now
    return max(_known(paced_at, now), now - SAVED_UP) + count * timedelta(seconds=1) / throughput


def ahead(throughput: int | None) -> int:
    """How many may wait to be sent."""
    return max(FEWEST_AHEAD, int((throughput or UNLIMITED) * AHEAD.total_seconds()))


def _known(paced_at: datetime, now: datetime) -> datetime:
    """`paced_at`, but `now - SAVED_UP` if it lies so far ahead that it was written before the clock
    was set back: the campaign would stand still until then."""
    return now - SAVED_UP if paced_at > now + FARTHEST else paced_at
