"""Prometheus: unfinished messages by place.

Each count reads an index of those messages alone, and at most `EXACT` rows of it: above that, the
database's statistics count.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from prometheus_client.core import GaugeMetricFamily, Metric

from messaging.messages.models import UNSENT, Message, MessageStatus
from orbit.api.totals import total

# The place follows from status and `claimed_at`, which depend on each other: statistics count by
# the status alone, which is wrong by the few messages that gateways have.
_PLACES = {
    "queue": Q(status__in=UNSENT, claimed_at=None),
    "gateway": Q(status=MessageStatus.SENDING, claimed_at__isnull=False),
    "carrier": Q(status=MessageStatus.SENT),
}
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

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []
