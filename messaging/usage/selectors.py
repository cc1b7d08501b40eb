"""Read usage: hourly sums and the records that are not folded yet, in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncDay, TruncHour

from messaging.carriers.models import Carrier
from messaging.usage.models import UsageHour, UsageRecord
from orbit.api.errors import ApiError

DAY, HOUR = "day", "hour"
CARRIER, COUNTRY, SENDER, STATUS = "carrier", "country", "sender", "status"
GROUPS = (DAY, HOUR, CARRIER, COUNTRY, SENDER, STATUS)
_COLUMNS = {
    CARRIER: "carrier_id",
    COUNTRY: "country",
    SENDER: "sender_type",
    STATUS: "status",
}


@dataclass(frozen=True)
class Usage:
    """The sums of one group in one currency ("" where there is no cost). `values`: by name of the
    groups that were asked for."""

    values: Mapping[str, Any]
    currency: str
    messages: int
    segments: int
    amount: Decimal


def usage(
    organization_id: str | None, *, start: datetime, end: datetime, group_by: Sequence[str]
) -> list[Usage]:
    """Usage from `start` until before `end`, in the order of its groups.

    `organization_id` None: of all organisations. Raises VALIDATION_ERROR on `group_by` if there are
    too many rows.
    """
    whose = {} if organization_id is None else {"organization_id": organization_id}
    added_up = UsageHour.objects.filter(**whose, hour__gte=start, hour__lt=end)
    fresh = UsageRecord.objects.filter(**whose, minute__gte=start, minute__lt=end)
    most = settings.USAGE_ROWS
    # One statement sees one snapshot: a record that is being folded is in exactly one of the two.
    parts = _grouped(added_up, "hour", group_by).union(
        _grouped(fresh.exclude(status=""), "minute", group_by), all=True
    )
    rows = list(parts[: 2 * most + 1])
    sums: dict[tuple, list[Any]] = {}
    for row in rows:
        key = tuple(row[f"by_{name}"] for name in group_by), row["in_currency"]
        found = sums.setdefault(key, [0, 0, Decimal(0)])
        for place, name in enumerate(("of_messages", "of_segments", "of_amount")):
            found[place] += row[name]
    if len(sums) > most or len(rows) > 2 * most:
        said = (
            f"This would be more than {most:,} rows: ask for a shorter time, or group by fewer "
            "things."
        )
        raise ApiError("VALIDATION_ERROR", f"group_by: {said}", field="group_by")
    return [
        Usage(dict(zip(group_by, values, strict=True)), currency, *added)
        for (values, currency), added in sorted(sums.items(), key=lambda pair: pair[0])
        if any(added)
    ]


def _grouped(rows: QuerySet, time: str, group_by: Sequence[str]) -> QuerySet:
    groups = {f"by_{name}": _group(name, time) for name in group_by}
    return (
        rows.order_by()
        .values(**groups, in_currency=F("currency"))
        .annotate(of_messages=Sum("messages"), of_segments=Sum("segments"), of_amount=Sum("amount"))
    )


def _group(name: str, time: str) -> F | TruncDay | TruncHour:
    if name == HOUR:
        return F("hour") if time == "hour" else TruncHour(time, tzinfo=UTC)
    return TruncDay(time, tzinfo=UTC) if name == DAY else F(_COLUMNS[name])


def carrier_names(carrier_ids: Collection[str]) -> dict[str, str]:
    """Names by id; deleted carriers are missing."""
    return dict(Carrier.objects.filter(pk__in=carrier_ids).values_list("pk", "name"))
