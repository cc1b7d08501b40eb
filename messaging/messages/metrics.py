"""Prometheus: unfinished messages by place, and how old the oldest is that waits with us.

Each count reads an index of those messages alone, and at most `EXACT` rows of it: above that, the
database's statistics count.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from messaging.messages.models import UNSENT, Message, MessageStatus
from orbit.api.totals import total

# `place` follows from status and `claimed_at`, which depend on each other. So the statistics count
# by status alone, which is off by the few messages in gateways.
_PLACES = {
    "queue": Q(status__in=UNSENT, claimed_at=None),
    "gateway": Q(status=MessageStatus.SENDING, claimed_at__isnull=False),
    "carrier": Q(status=MessageStatus.SENT),
}
OLDEST = 1_000  # messages that are searched for the oldest
_STATUSES = {
    "queue": UNSENT,
    "gateway": (MessageStatus.SENDING,),
    "carrier": (MessageStatus.SENT,),
}


class MessageCollector:
    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "orbit_messages_unfinished", "Messages by who has them now", None, ["place"]
        )
        for place, condition in _PLACES.items():
            rows, like = Message.objects.filter(condition), _STATUSES[place]
            count = total(rows, order="", like=Message.objects.filter(status__in=like)).count
            family.add_metric([place], count)
        yield family
        yield _oldest()

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []


def _oldest() -> Metric:
    """The time of the oldest waiting message, read by the index of waiting messages."""
    waiting = Message.objects.filter(_PLACES["queue"]).order_by("created_at")[:OLDEST]
    rows = waiting.values_list("created_at", "campaign_id")
    created_at = next((moment for moment, campaign in rows if campaign is None), None)
    seconds = (timezone.now() - created_at).total_seconds() if created_at else 0.0
    return GaugeMetricFamily(
        "orbit_messages_queue_oldest_seconds",
        "For how long the oldest message waits with us; without those of campaigns, which wait for "
        "their turn",
        max(0.0, seconds),
    )
