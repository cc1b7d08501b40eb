"""Messages a minute over the last hour, by carrier and state, for home."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.db.models.functions import TruncMinute
from django.urls import reverse
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.messages.models import ID_PREFIX, Message, MessageStatus
from orbit.api.filters import made_between, newest
from orbit.console.colours import MESSAGE_COLOURS
from orbit.console.home.charts import Chart, Hour, Spot, stacked
from orbit.console.long_lists import between
from orbit.console.times import zone_name

SHOWN = 4  # carriers
MOST = 10_000  # messages that are counted: the part refreshes itself often
# From the bottom up.
STACKED = [
    MessageStatus.DELIVERED,
    MessageStatus.SENT,
    MessageStatus.SENDING,
    MessageStatus.QUEUED,
    MessageStatus.SUBMITTED_NO_RECEIPT,
    MessageStatus.UNDELIVERED,
    MessageStatus.EXPIRED,
    MessageStatus.FAILED,
]

Minutes = dict[int, Counter[str]]  # slot -> count by status


def charts() -> dict[str, Any]:
    """`traffic`: the busiest carriers with a chart each; messages without a carrier count as one.
    `more_carriers`: the number of others. `cut`: `MOST` if there may be more messages, else 0."""
    hour = Hour(timezone.now())
    found = _counts(hour)
    totals = {key: sum(minutes.values(), Counter()) for key, minutes in found.items()}
    busiest = sorted(totals, key=lambda key: (-totals[key].total(), key or ""))
    shown = busiest[:SHOWN]
    names = dict(Carrier.objects.filter(pk__in=filter(None, shown)).values_list("pk", "name"))
    seen = sum(each.total() for each in totals.values())
    return {
        "traffic": [_facts(hour, key, names, found[key], totals[key]) for key in shown],
        "more_carriers": len(busiest) - len(shown),
        "cut": MOST if seen >= MOST else 0,
    }


def _counts(hour: Hour) -> dict[str | None, Minutes]:
    """Counts by carrier and minute, of the newest `MOST` messages. The database counts: so many
    rows are no work for it, and much for us."""
    rows = newest(Message.objects.filter(made_between(ID_PREFIX, since=hour.start)), MOST)
    found: dict[str | None, Minutes] = defaultdict(lambda: defaultdict(Counter))
    counted = rows.order_by().annotate(minute=TruncMinute("created_at", tzinfo=UTC))
    for minute, carrier_id, status, count in counted.values_list(
        "minute", "carrier", "status"
    ).annotate(Count("pk")):
        found[carrier_id][min(hour.slot_of(minute), hour.slots - 1)][status] += count
    return found


def _facts(
    hour: Hour,
    carrier_id: str | None,
    names: dict[str, str],
    minutes: Minutes,
    totals: Counter[str],
) -> dict[str, Any]:
    slots = [minutes.get(x, Counter()) for x in range(hour.slots)]
    highest = max(each.total() for each in slots)
    name = names.get(carrier_id, carrier_id) if carrier_id else "no carrier"
    return {
        "carrier_id": carrier_id if carrier_id in names else None,
        "name": name,
        "total": totals.total(),
        "url": _listed(carrier_id, hour.start, hour.slot_start(hour.slots)),
        "outcomes": [
            {
                "state": status.replace("_", " "),
                "colour": MESSAGE_COLOURS[status],
                "count": totals[status],
                "url": _listed(carrier_id, hour.start, hour.slot_start(hour.slots), status),
            }
            for status in STACKED
            if totals[status]
        ],
        "chart": Chart(
            top=f"{highest:,} a minute",
            areas=stacked(slots, {each.value: MESSAGE_COLOURS[each] for each in STACKED}, highest),
            spots=[_spot(hour, x, each, carrier_id) for x, each in enumerate(slots)],
            ticks=hour.ticks(),
            zone=zone_name(),
            label=f"Messages of {name} over the last hour: {totals.total():,}",
            width=hour.slots,
        ),
    }


def _spot(hour: Hour, x: int, counts: Counter[str], carrier_id: str | None) -> Spot:
    said = ", ".join(f"{counts[status]:,} {status}" for status in STACKED if counts[status])
    url = _listed(carrier_id, hour.slot_start(x), hour.slot_start(x + 1)) if said else ""
    return Spot(x, f"{hour.slot_label(x)}: {said or 'none'}", url)


def _listed(carrier_id: str | None, start: datetime, end: datetime, status: str = "") -> str:
    """The address of the list of messages created between the two."""
    by_carrier = {"carrier__id__exact": carrier_id} if carrier_id else {"carrier__isempty": "1"}
    query = urlencode(by_carrier | ({"status__exact": status} if status else {}))
    address = reverse("admin:messaging_message_changelist")
    return f"{address}?{query}&{between(start, end)}"
