"""Receipts that matched nothing, by the carrier's account that sent them."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily, Metric

from messaging.reports.models import StrayReceipt

MOST = 100  # credentials; one that sends such receipts by the million is one line all the same


class StrayCollector:
    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "orbit_stray_receipts",
            "Receipts of the last 7 days that settled nothing (the 100 credentials with most)",
            None,
            ["credential", "kind"],
        )
        counts = StrayReceipt.objects.order_by().values_list("credential", "kind")
        for credential, kind, count in counts.annotate(n=Count("pk")).order_by("-n")[:MOST]:
            family.add_metric([credential or "", kind], count)
        yield family

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []
