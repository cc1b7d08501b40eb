"""Queries of quality counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet, Sum

from messaging.quality.decisions import Minute
from messaging.quality.figures import Count, Figures
from messaging.quality.models import HOUR, MINUTE, QualityCount
from messaging.quality.outcomes import NO_BUCKET, Outcome

DAY = timedelta(hours=24)
LONGEST_WAIT = timedelta(hours=5)  # counts by minute are kept an hour longer
_REPORTED = (Outcome.DELIVERED, Outcome.UNDELIVERED)
_USUAL_WAIT = timedelta(seconds=60)  # for receipts without a known delay

Place = tuple[str, str]
"""A carrier's id, and a country."""


@dataclass(frozen=True)
class Receipts:
    """What is known of a carrier's receipts in a country. `wait`: in which nearly all come;
    `since`: the first hour of the last day whose messages have any."""

    exist: bool
    wait: timedelta = _USUAL_WAIT
    since: datetime | None = None


NONE = Receipts(exist=False, wait=timedelta(0))


def receipts_of(
    carrier_ids: Collection[str], now: datetime, *, least: int
) -> dict[Place, Receipts]:
    """Receipts of the last 24 hours by carrier and country, "" for all countries together.

    A country with less than `least` receipts gets the values of all countries. A carrier that is
    missing has sent none.
    """
    reported = hours(carrier_ids, now).filter(outcome__in=_REPORTED)
    rows = reported.values_list("carrier_id", "country", "outcome", "code", "bucket")
    own: dict[Place, Figures] = defaultdict(Figures)
    first: dict[Place, datetime] = {}
    for carrier_id, country, *what, count, start in rows.annotate(Sum("count"), Min("start")):
        for place in {(carrier_id, country), (carrier_id, "")}:
            own[place].add([Count(*what, count)])
            first[place] = min(start, first.get(place, start))
    found = {place: _receipts(figures, first[place]) for place, figures in own.items()}
    return {
        place: known if own[place].reported >= least else found[place[0], ""]
        for place, known in found.items()
        if (place[0], "") in found
    }


def _receipts(figures: Figures, since: datetime) -> Receipts:
    if figures.reported <= 0:
        return NONE
    nearly_all = figures.quantile(0.95)
    wait = _USUAL_WAIT if nearly_all is None else timedelta(seconds=nearly_all)
    return Receipts(exist=True, wait=min(LONGEST_WAIT, wait), since=since)


def hours(carrier_ids: Collection[str], now: datetime) -> QuerySet[QualityCount]:
    """Hourly counts of the last 24 hours and of the current hour."""
    start = (now - DAY).replace(minute=0, second=0, microsecond=0)
    rows = QualityCount.objects.filter(span=HOUR, start__gte=start, carrier_id__in=carrier_ids)
    return rows.order_by()


def since(carrier_ids: Collection[str], start: datetime) -> QuerySet[QualityCount]:
    """Counts by minute from `start` on."""
    rows = QualityCount.objects.filter(span=MINUTE, start__gte=start, carrier_id__in=carrier_ids)
    return rows.order_by()


def minutes(carrier_ids: Collection[str], start: datetime) -> dict[Place, list[Minute]]:
    """The figures of each minute from `start` on, over all kinds of senders, in order."""
    rows = since(carrier_ids, start).values_list(
        "carrier_id", "country", "start", "outcome", "code"
    )
    found: dict[Place, dict[datetime, list[Count]]] = defaultdict(lambda: defaultdict(list))
    for carrier_id, country, at, outcome, code, count in rows.annotate(Sum("count")):
        found[carrier_id, country][at].append(Count(outcome, code, NO_BUCKET, count))
    return {
        place: [Minute(at, Figures().add(counts)) for at, counts in sorted(by_minute.items())]
        for place, by_minute in found.items()
    }


def figures_by(
    rows: Iterable[QuerySet[QualityCount]], *, signs: Iterable[int] = (1,)
) -> Mapping[tuple[str, str, str], Figures]:
    """Figures by carrier, country and kind of sender, summed over `rows`; querysets with sign -1
    are subtracted."""
    counts: dict[tuple[str, str, str], dict[tuple[str, str, int], int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for queryset, sign in zip(rows, signs, strict=True):
        columns = ("carrier_id", "country", "sender_type", "outcome", "code", "bucket")
        for *place, outcome, code, bucket, count in queryset.values_list(*columns).annotate(
            Sum("count")
        ):
            counts[tuple(place)][outcome, code, bucket] += sign * count
    return {
        place: Figures().add(Count(*what, count) for what, count in found.items() if count > 0)
        for place, found in counts.items()
    }
