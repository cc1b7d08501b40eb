"""Reports of carriers' quality, for the API, the explained routes and the console."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from messaging.carriers.demotions import Level
from messaging.carriers.models import Carrier
from messaging.quality import models, selectors
from messaging.quality.decisions import WINDOW
from messaging.quality.faults import fault_of
from messaging.quality.figures import Figures, bounds, suspicion
from messaging.quality.outcomes import Outcome, parts_of
from messaging.quality.selectors import NONE, Place, Receipts

QUARTER, DAY = "15m", "24h"
WINDOWS = {QUARTER: WINDOW, DAY: selectors.DAY}
MOST_CODES = 50  # of one row
MOVES = 20
_MINUTE = timedelta(minutes=1)
_EVERY = "*"


@dataclass(frozen=True)
class Code:
    """A failure code with its count: ours, and the carrier's own."""

    outcome: str
    code: str
    carrier_code: str
    count: int
    fault: str
    meaning: str


@dataclass(frozen=True)
class Row:
    """The figures of a carrier in a country for one kind of sender (`*`: all kinds together)."""

    country: str
    sender: str
    figures: Figures
    receipts: Receipts
    level: Level = Level.HEALTHY
    suspicious: str = ""

    @property
    def sample(self) -> int:
        return self.figures.sample(has_receipts=self.receipts.exist)[1]

    @property
    def delivery_rate(self) -> float | None:
        """Percent delivered, None without a sample. For a carrier without receipts: percent
        accepted."""
        good, of = self.figures.sample(has_receipts=self.receipts.exist)
        return round(100 * good / of, 1) if of else None

    @property
    def delivery_rate_bounds(self) -> tuple[float, float] | None:
        good, of = self.figures.sample(has_receipts=self.receipts.exist)
        return tuple(round(each, 1) for each in bounds(good, of)) if of else None

    @property
    def no_receipt(self) -> int:
        """Messages whose receipt has not come yet or was given up."""
        return self.figures.waiting + self.figures.no_receipt

    @property
    def median(self) -> float | None:
        return self.figures.quantile(0.5)

    @property
    def p95(self) -> float | None:
        return self.figures.quantile(0.95)

    @property
    def codes(self) -> list[Code]:
        found = []
        for (outcome, code), count in self.figures.codes.most_common(MOST_CODES):
            ours, carrier_code = parts_of(code)
            fault, meaning = fault_of(code)
            if outcome == Outcome.NO_RECEIPT or count <= 0:
                continue
            found.append(Code(outcome, ours, carrier_code, count, fault.value, meaning))
        return found


@dataclass(frozen=True)
class Report:
    carrier: Carrier
    window: str
    start: datetime
    end: datetime
    rows: list[Row]
    standings: list[models.CarrierStanding] = field(default_factory=list)
    moves: list[models.QualityMove] = field(default_factory=list)


def of_carrier(carrier: Carrier, window: str = QUARTER) -> Report:
    """The carrier's rows by country: first all kinds of senders together, then each kind."""
    now = timezone.now()
    own = Carrier.objects.filter(organization=carrier.organization_id).order_by()
    found = _rows(list(own.values_list("pk", flat=True)), window, now)
    standings = list(carrier.standings.order_by("country"))
    levels = {each.country: Level(each.level) for each in standings}
    rows = [
        Row(
            row.country,
            row.sender,
            row.figures,
            row.receipts,
            level=levels.get(row.country, Level.HEALTHY),
            suspicious=row.suspicious,
        )
        for row in found.get(carrier.pk, [])
    ]
    moves = models.QualityMove.objects.filter(carrier_id=carrier.pk).order_by("-pk")[:MOVES]
    return Report(
        carrier,
        window,
        now - WINDOWS[window],
        now,
        rows,
        [each for each in standings if each.level != Level.HEALTHY],
        list(moves),
    )


def in_country(carrier_ids: Collection[str], country: str) -> dict[str, Row]:
    """Figures of the last 15 minutes in this country by carrier, all kinds of senders together.

    `carrier_ids`: of one organisation.
    """
    found = _rows(carrier_ids, QUARTER, timezone.now(), country=country)
    return {
        carrier_id: row
        for carrier_id, rows in found.items()
        for row in rows
        if row.sender == _EVERY
    }


def _rows(
    carrier_ids: Collection[str], window: str, now: datetime, *, country: str | None = None
) -> dict[str, list[Row]]:
    """Rows by carrier. `carrier_ids`: of one organisation; `country`: only of this one."""
    receipts = selectors.receipts_of(carrier_ids, now, least=settings.QUALITY_SAMPLE)
    figures = {
        place: each
        for place, each in _figures(carrier_ids, receipts, window, now).items()
        if country is None or place[1] == country
    }
    whole: dict[Place, Figures] = defaultdict(Figures)
    senders: dict[Place, list[str]] = defaultdict(list)
    for (carrier_id, place, sender), each in sorted(figures.items(), key=lambda pair: pair[0]):
        _merge(whole[carrier_id, place], each)
        senders[carrier_id, place].append(sender)
    rows: dict[str, list[Row]] = defaultdict(list)
    for (carrier_id, place), each in sorted(whole.items(), key=lambda pair: pair[0]):
        known = receipts.get((carrier_id, place)) or receipts.get((carrier_id, ""), NONE)
        others = _others(whole, carrier_id, place)
        why = suspicion(each, others, least=settings.QUALITY_SAMPLE)
        rows[carrier_id].append(Row(place, _EVERY, each, known, suspicious=why))
        rows[carrier_id] += [
            Row(place, sender, figures[carrier_id, place, sender], known)
            for sender in senders[carrier_id, place]
        ]
    return rows


def _figures(
    carrier_ids: Collection[str], receipts: Mapping[Place, Receipts], window: str, now: datetime
) -> dict[tuple[str, str, str], Figures]:
    """Figures of messages old enough that 95 % of their receipts have arrived."""
    found: dict[tuple[str, str, str], Figures] = {}
    by_wait: dict[timedelta, list[str]] = defaultdict(list)
    for carrier_id in carrier_ids:
        known = receipts.get((carrier_id, ""), NONE)
        by_wait[known.wait].append(carrier_id)
    for wait, ids in by_wait.items():
        known_until = now - wait - _MINUTE
        if window == QUARTER:
            minutes = selectors.since(ids, known_until - WINDOW).filter(start__lte=known_until)
            found |= selectors.figures_by([minutes])
        else:
            fresh = selectors.since(ids, known_until).filter(start__gt=known_until)
            found |= selectors.figures_by([selectors.hours(ids, now), fresh], signs=(1, -1))
    return found


def _merge(into: Figures, other: Figures) -> None:
    for name, value in vars(other).items():
        if isinstance(value, int):
            setattr(into, name, getattr(into, name) + value)
        else:
            getattr(into, name).update(value)


def _others(whole: Mapping[Place, Figures], carrier_id: str, country: str) -> Figures:
    found = Figures()
    for (other, place), each in whole.items():
        if place == country and other != carrier_id and (each.converted or each.not_converted):
            _merge(found, each)
    return found
