"""Carriers that deliver far less now than within the day before, whatever their `quality_mode`.

Standings (`decisions`) compare with limits that people set, and stay until the carrier has proven
itself. A fall compares a carrier with its own last day, for notices: it begins and ends with the
figures, and moves no message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from messaging.quality import evaluation, selectors
from messaging.quality.decisions import WINDOW, Evidence, Minute, latest
from messaging.quality.figures import bounds
from messaging.quality.selectors import Receipts

LEAST = 100  # messages, now and within the day before: fewer prove nothing
PART = 0.75  # of what is usual
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Fall:
    """`usual`: percent of the day before. `is_silent`: of the messages of `evidence` none has a
    receipt of any kind."""

    carrier_id: str
    country: str
    usual: float
    evidence: Evidence
    is_silent: bool


def read(now: datetime) -> list[Fall]:
    """Those of all carriers with traffic, by what is known at `now`."""
    found = []
    ids = selectors.with_traffic(now - 2 * WINDOW)
    for place in range(0, len(ids), evaluation.AT_ONCE):
        found += _of(ids[place : place + evaluation.AT_ONCE], now)
    return found


def _of(carrier_ids: Sequence[str], now: datetime) -> Iterable[Fall]:
    receipts = evaluation.receipts_of(carrier_ids, now, least=settings.QUALITY_SAMPLE)
    minutes = selectors.minutes(carrier_ids, now - 2 * WINDOW)
    for (carrier_id, country), each in minutes.items():
        known = receipts.get((carrier_id, country)) or receipts.get((carrier_id, ""))
        if known is not None:
            fall = judged(each, known, now)
            if fall is not None:
                evidence, is_silent = fall
                yield Fall(carrier_id, country, known.usual, evidence, is_silent)


def judged(
    minutes: Sequence[Minute], receipts: Receipts, now: datetime
) -> tuple[Evidence, bool] | None:
    """The evidence of a fall, and whether no receipts come at all; None without a fall."""
    until = now - _MINUTE - evaluation.wait_of(receipts, now)
    known = [each for each in minutes if each.start <= until]
    evidence = latest(known, until - WINDOW, has_receipts=True)
    if min(evidence.sample, receipts.sample) < LEAST:
        return None
    _, highest = bounds(evidence.good, evidence.sample)
    if highest >= PART * receipts.usual:
        return None
    chosen = (each for each in known if evidence.start <= each.start < evidence.end)
    return evidence, not any(each.figures.reported for each in chosen)
