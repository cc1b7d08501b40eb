"""Prometheus: webhook deliveries that wait, and webhooks that refuse them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from messaging.webhooks.models import Delivery, DeliveryStatus, Webhook

MOST = 10_000  # deliveries that are looked at: of a longer queue the figures are of a part
RECENT = timedelta(minutes=15)


class WebhookCollector:
    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        # In the order of the index that has these alone.
        pending = Delivery.objects.filter(status=DeliveryStatus.PENDING)
        waiting = pending.order_by("lane", "due_at")[:MOST]
        found = waiting.aggregate(
            count=Count("pk"), oldest=Min("created_at"), due=Min("due_at", filter=Q(due_at__lt=now))
        )
        yield GaugeMetricFamily(
            "orbit_webhook_deliveries_waiting",
            "Deliveries that wait for an attempt (10,000: or more)",
            found["count"],
        )
        yield GaugeMetricFamily(
            "orbit_webhook_oldest_delivery_seconds",
            "Age of the oldest of them, also of one whose address refuses it",
            _age(found["oldest"], now),
        )
        yield GaugeMetricFamily(
            "orbit_webhook_overdue_seconds",
            "For how long an attempt is due that no worker has made",
            _age(found["due"], now),
        )
        failed = Webhook.objects.filter(active=True, last_failure_at__gt=now - RECENT)
        never_since = Q(last_success_at=None) | Q(last_success_at__lt=F("last_failure_at"))
        yield GaugeMetricFamily(
            "orbit_webhooks_failing",
            "Webhooks whose last delivery of the last 15 minutes was refused",
            failed.filter(never_since).count(),
        )

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []


def _age(moment: datetime | None, now: datetime) -> float:
    return (now - moment).total_seconds() if moment else 0.0
