"""Figures of a carrier, from counts of outcomes. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from messaging.quality.faults import Fault, fault_of
from messaging.quality.outcomes import EDGES, Outcome

FASTEST = 1.0  # seconds; no phone can be paged and answer in less
_Z = 1.96  # standard deviations of a 95 % confidence interval


class Count(NamedTuple):
    """Some messages of one outcome; see `models.QualityCount`."""

    outcome: str
    code: str
    bucket: int
    count: int


@dataclass
class Figures:
    """Messages that a carrier accepted, by outcome, and submits that it refused.

    - `number`, `undelivered`: not delivered by a fault of the number, of the carrier.
    - `refused`, `busy`, `refused_number`: submits, by whose fault the refusal was.
    - `seconds`: receipts by bucket of their delay (`outcomes.EDGES`); `codes`: failures by code.
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
        """`(good, of)`: messages the carrier delivered, of those that count for or against it.

        For a carrier without receipts: submits that it accepted, of those it answered.
        """
        if not has_receipts:
            return self.accepted, self.accepted + self.refused
        failed = self.waiting + self.undelivered + self.no_receipt + self.refused
        return self.delivered, max(0, self.delivered + failed)

    def quantile(self, part: float) -> float | None:
        """Seconds within which this share of the receipts arrived (upper edge of a bucket); None
        without any."""
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
    """The attribute of `Figures` that this count is added to."""
    if each.outcome == Outcome.UNDELIVERED:
        return "number" if fault_of(each.code)[0] is Fault.NUMBER else "undelivered"
    if each.outcome == Outcome.REFUSED:
        fault, _ = fault_of(each.code)
        return {Fault.NUMBER: "refused_number", Fault.BUSY: "busy"}.get(fault, "refused")
    return each.outcome


def bounds(good: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % confidence interval of the rate, in percent. (38 of 40 does not prove 95 %.)"""
    if of <= 0:
        return 0.0, 100.0
    rate, square = good / of, _Z * _Z / of
    middle = (rate + square / 2) / (1 + square)
    half = _Z * math.sqrt(rate * (1 - rate) / of + square / (4 * of)) / (1 + square)
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


def suspicion(figures: Figures, others: Figures, *, least: int) -> str:
    """Why the carrier's receipts may be false; "" without a sign of it.

    `others`: the organisation's other carriers in the same country. `least`: samples below which
    nothing is said.
    """
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
