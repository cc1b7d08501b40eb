"""Fold usage records into sums: hours for usage, minutes and hours for quality, totals for
/metrics.

Celery beat starts this every few seconds; runs may overlap. A record is added to the sums and
deleted in one transaction, so it counts once even if the process is killed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging import bulk_sums
from messaging.quality.models import COUNT_KEY, HOUR, MINUTE, QualityCount
from messaging.quality.retention import KEPT
from messaging.usage import totals
from messaging.usage.models import HOUR_KEY, UsageHour, UsageRecord

MOST = 5_000  # rows in one transaction
ROUNDS = 20  # transactions in one sweep


def fold() -> bool:
    """Fold up to `ROUNDS` times `MOST` records; return whether none of the earlier ones is left."""
    return any(_fold_some() < MOST for _ in range(ROUNDS))


@transaction.atomic
def _fold_some() -> int:
    rows = UsageRecord.objects.order_by("pk").select_for_update(skip_locked=True)
    taken = list(rows[:MOST])
    if taken:
        _add_usage(each for each in taken if each.status)
        _add_quality((each for each in taken if each.outcome), timezone.now())
        totals.add(taken)
        UsageRecord.objects.filter(pk__in=[each.pk for each in taken]).delete()
    return len(taken)


def _add_usage(rows: Iterable[UsageRecord]) -> None:
    sums: dict[tuple, list[Any]] = defaultdict(lambda: [0, 0, Decimal(0)])
    for row in rows:
        hour = row.minute.replace(minute=0)
        found = sums[
            row.organization_id,
            hour,
            row.carrier_id,
            row.country,
            row.sender_type,
            row.status,
            row.credential_id,
            row.currency,
        ]
        found[0] += row.messages
        found[1] += row.segments
        found[2] += row.amount
    bulk_sums.add(UsageHour, HOUR_KEY, ("messages", "segments", "amount"), sums)


def _add_quality(rows: Iterable[UsageRecord], now: datetime) -> None:
    sums: dict[tuple, int] = defaultdict(int)
    for row in rows:
        starts = {MINUTE: row.minute, HOUR: row.minute.replace(minute=0)}
        for span, start in starts.items():
            if start > now - KEPT[span] + timedelta(minutes=5):  # older: pruned at once
                sums[
                    row.carrier_id,
                    span,
                    start,
                    row.country,
                    row.sender_type,
                    row.outcome,
                    row.code,
                    row.bucket,
                    row.organization_id,
                ] += row.messages
    changed = {key: (count,) for key, count in sums.items() if count}
    bulk_sums.add(QualityCount, COUNT_KEY, ("count",), changed)
