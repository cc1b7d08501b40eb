"""Messages a minute over the last hour, by carrier and by what became of them, for home."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from messaging.carriers.models import Carrier
from messaging.messages.models import ID_PREFIX, Message, MessageStatus
from orbit.api.filters import made
from orbit.console.colours import MESSAGE_COLOURS
from orbit.console.home.charts import Chart, Hour, Spot, stacked
from orbit.console.long_lists import between

SHOWN = 4  # carriers
MOST = 10_000  # messages that are looked at: this is asked for again and again
# From the ground up.
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

Minutes = dict[int, Counter[str]]  # slot -> how many by status


def charts() -> dict[str, Any]:
    """`traffic`: the busiest carriers with a chart each, None among them for messages that have no
    carrier; `more_carriers`; `cut`: how many messages are too many to be looked at, or 0."""
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
    """By carrier, of the newest `MOST` messages."""
    rows = Message.objects.filter(made(ID_PREFIX, since=hour.start)).order_by("-pk")
    found: dict[str | None, Minutes] = defaultdict(lambda: defaultdict(Counter))
    columns = rows.values_list("created_at", "carrier", "status")
    for created_at, carrier_id, status in columns[:MOST]:
        found[carrier_id][min(hour.place(created_at), hour.slots - 1)][status] += 1
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
        "url": _listed(carrier_id, hour.start, hour.begin(hour.slots)),
        "outcomes": [
            {
                "state": status.replace("_", " "),
                "colour": MESSAGE_COLOURS[status],
                "count": totals[status],
                "url": _listed(carrier_id, hour.start, hour.begin(hour.slots), status),
            }
            for status in STACKED
            if totals[status]
        ],
        "chart": Chart(
            top=f"{highest:,} a minute",
            areas=stacked(slots, {each.value: MESSAGE_COLOURS[each] for each in STACKED}, highest),
            spots=[_spot(hour, x, each, carrier_id) for x, each in enumerate(slots)],
            ticks=hour.ticks(),
            label=f"Messages of {name} over the last hour: {totals.total():,}",
            wide=hour.slots,
        ),
    }


def _spot(hour: Hour, x: int, counts: Counter[str], carrier_id: str | None) -> Spot:
    said = ", ".join(f"{counts[status]:,} {status}" for status in STACKED if counts[status])
    url = _listed(carrier_id, hour.begin(x), hour.begin(x + 1)) if said else ""
    return Spot(x, f"{hour.named(x)}: {said or 'none'}", url)


def _listed(carrier_id: str | None, start: datetime, end: datetime, status: str = "") -> str:
    """The list of what was made between the two."""
    whose = {"carrier__id__exact": carrier_id} if carrier_id else {"carrier__isempty": "1"}
    query = urlencode(whose | ({"status__exact": status} if status else {}))
    address = reverse("admin:messaging_message_changelist")
    return f"{address}?{query}&{between(start, end)}"
