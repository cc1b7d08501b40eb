"""How many messages are where, at each scrape. Each count reads an index that has no others."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from prometheus_client.core import GaugeMetricFamily, Metric

from messaging.messages.models import UNSENT, Message, MessageStatus

_PLACES = {
    "queue": Q(status__in=UNSENT, claimed_at=None),
    "gateway": Q(status=MessageStatus.SENDING, claimed_at__isnull=False),
    "carrier": Q(status=MessageStatus.SENT),
}


class MessageCollector:
    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "orbit_messages_unfinished", "Messages by who has them now", None, ["place"]
        )
        for place, condition in _PLACES.items():
            family.add_metric([place], Message.objects.filter(condition).count())
        yield family

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []
