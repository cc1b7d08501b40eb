"""How many messages are where, at each scrape: each count is of an index that has no others."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from messaging.messages.models import Message, MessageStatus


class MessageCollector:
    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "orbit_messages_unfinished", "Messages under way by status", None, ["status"]
        )
        for status in (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.SENT):
            family.add_metric([status.value], Message.objects.filter(status=status).count())
        yield family

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []
