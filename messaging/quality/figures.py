"""Figures of a carrier, from counts of outcomes. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from messaging.quality.faults import Fault, fault_of
from messaging.quality.outcomes import EDGES, Outcome

FASTEST = 1.0  # seconds in which a phone may be found and answer
_Z = 1.96  # of a bound that holds in 97.5 of 100 cases


class Count(NamedTuple):
    """Some messages of one outcome; see `models.QualityCount`."""

    outcome: str
    code: str
    bucket: int
    count: int


@dataclass
class Figures:
    """Messages that a carrier took, by what became of them, and submits that it refused.

    `number`: ended by a fault of the number, `undelivered`: by one of the carrier's. `refused`,
    `busy`: submits. `seconds`: receipts by bucket of their seconds. `codes`: failures by code.
    """

    waiting: int = 0
    delivered: int = 0
    undelivered: int = 0
    number: int = 0
    no_receipt: int = 0
    refused: int = 0
    busy: int = 0
    refused_number: int = 0
    converted: int = 0
    not_converted: int = 0
    seconds: Counter[int] = field(default_factory=Counter)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)  # outcome, code

    def add(self, counts: Iterable[Count]) -> Figures:
        for each in counts:
            if each.bucket >= 0:
                self.seconds[each.bucket] += each.count
            if each.code:
                self.codes[each.outcome, each.code] += each.count
            name = _name(each)
            setattr(self, name, getattr(self, name) + each.count)
        return self

    @property
    def accepted(self) -> int:
        return self.waiting + self.delivered + self.undelivered + self.number + self.no_receipt

    @property
    def reported(self) -> int:
        """Messages with a last receipt."""
        return self.delivered + self.undelivered + self.number

    def sample(self, *, has_receipts: bool) -> tuple[int, int]:
        """How many the carrier did well, of how many that tell of it. Of one that sends no receipts
        only its answers tell."""
        if not has_receipts:
            return self.accepted, self.accepted + self.refused
        failed = self.waiting + self.undelivered + self.no_receipt + self.refused
        return self.delivered, max(0, self.delivered + failed)

    def quantile(self, part: float) -> float | None:
        """Seconds within which this part of the receipts came: the upper edge of a bucket; None
        without receipts."""
        total = sum(self.seconds.values())
        if total <= 0:
            return None
        seen = 0
        for bucket in sorted(self.seconds):
            seen += self.seconds[bucket]
            if seen >= part * total:
                return float(EDGES[min(bucket, len(EDGES) - 1)])
        return float(EDGES[-1])


def _name(each: Count) -> str:
    """The figure that it belongs to."""
    if each.outcome == Outcome.UNDELIVERED:
        return "number" if fault_of(each.code)[0] is Fault.NUMBER else "undelivered"
    if each.outcome == Outcome.REFUSED:
        fault, _ = fault_of(each.code)
        return {Fault.NUMBER: "refused_number", Fault.BUSY: "busy"}.get(fault, "refused")
    return each.outcome


def bounds(good: int, of: int) -> tuple[float, float]:
    """Between which the real rate is (Wilson's interval), in percent: 38 of 40 is no 95 % yet."""
    if of <= 0:
        return 0.0, 100.0
    rate, square = good / of, _Z * _Z / of
    middle = (rate + square / 2) / (1 + square)
    half = _Z * math.sqrt(rate * (1 - rate) / of + square / (4 * of)) / (1 + square)
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


def suspicion(figures: Figures, others: Figures, *, least: int) -> str:
    """Why its receipts may not be true; "" if nothing says so. `others`: the organisation's other
    carriers in the same country. `least`: samples below which nothing is said."""
    median = figures.quantile(0.5)
    if figures.delivered >= least and median is not None and median < FASTEST:
        return (
            f"half of its receipts come within {median:g} s, faster than a phone can be found and "
            "answer"
        )
    told, told_of_others = _told(figures), _told(others)
    if told >= least and told_of_others >= least:
        own, common = figures.converted / told, others.converted / told_of_others
        if own < common / 2:
            return (
                f"{own:.0%} of its messages that were told of were converted, and {common:.0%} of "
                "those of the other carriers there"
            )
    return ""


def _told(figures: Figures) -> int:
    return figures.converted + figures.not_converted
