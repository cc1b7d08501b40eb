"""How many messages are where, at each scrape. Each count reads an index that has no others, and no
more than `EXACT` rows of it: beyond, it is what the database's statistics say."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from prometheus_client.core import GaugeMetricFamily, Metric

from messaging.messages.models import UNSENT, Message, MessageStatus
from orbit.api.totals import total

# Who has a message by its status and `claimed_at`, which depend on each other: statistics tell by
# the status alone how many there are, give or take the few that gateways have.
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
