"""Usage as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from messaging.money import as_text
from messaging.usage.selectors import CARRIER, DAY, HOUR, Usage, carrier_names
from orbit.api.envelope import timestamp
from orbit.spreadsheet_text import harmless

_SUMS = ("messages", "segments", "amount", "currency")


def as_json(
    rows: Sequence[Usage], *, start: datetime, end: datetime, group_by: Sequence[str]
) -> dict[str, Any]:
    """One row per group; its `cost` has an entry per currency."""
    names = _names(rows, group_by)
    groups: dict[tuple, list[Usage]] = {}
    for row in rows:
        groups.setdefault(tuple(row.values.values()), []).append(row)
    return {
        "from": timestamp(start),
        "to": timestamp(end),
        "group_by": list(group_by),
        "rows": [_groups(found[0].values, names) | sums(found) for found in groups.values()],
        "total": sums(rows),
    }


def as_csv(rows: Sequence[Usage], *, group_by: Sequence[str]) -> str:
    """One line per group and currency."""
    names = _names(rows, group_by)
    out = io.StringIO()
    writer = csv.writer(out)
    columns = [
        column
        for name in group_by
        for column in (("carrier_id", "carrier") if name == CARRIER else (name,))
    ]
    writer.writerow([*columns, *_SUMS])
    for row in rows:
        groups = _groups(row.values, names)
        values = [harmless(groups[name] or "") for name in columns]
        writer.writerow([*values, row.messages, row.segments, as_text(row.amount), row.currency])
    return out.getvalue()


def sums(rows: Iterable[Usage]) -> dict[str, Any]:
    """The sums of these rows, with the cost per currency."""
    messages, segments = 0, 0
    costs: dict[str, Decimal] = {}
    for row in rows:
        messages, segments = messages + row.messages, segments + row.segments
        if row.currency:
            costs[row.currency] = costs.get(row.currency, Decimal(0)) + row.amount
    return {
        "messages": messages,
        "segments": segments,
        "cost": [
            {"amount": as_text(amount), "currency": currency}
            for currency, amount in sorted(costs.items())
            if amount
        ],
    }


def _names(rows: Iterable[Usage], group_by: Sequence[str]) -> Mapping[str, str]:
    if CARRIER not in group_by:
        return {}
    return carrier_names({row.values[CARRIER] for row in rows} - {""})


def _groups(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name == DAY:
            found[name] = f"{value:%Y-%m-%d}"
        elif name == HOUR:
            found[name] = timestamp(value)
        elif name == CARRIER:
            found |= {"carrier_id": value or None, "carrier": names.get(value)}
        else:
            found[name] = value or None
    return found
