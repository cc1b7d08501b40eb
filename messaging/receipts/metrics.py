"""Prometheus: stray receipts by credential and kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from messaging.receipts.models import StrayReceipt

MOST = 100  # credentials
RECENT = 10_000  # receipts that are counted at most; a carrier may send millions


class StrayCollector:
    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "orbit_stray_receipts",
            "Receipts of the last 7 days that settled nothing, among the 10,000 newest (the 100 "
            "credentials with most)",
            None,
            ["credential", "kind"],
        )
        rows = StrayReceipt.objects.order_by("-pk").values_list("credential", "kind")
        for (credential, kind), count in Counter(rows[:RECENT]).most_common(MOST):
            family.add_metric([credential or "", kind], count)
        yield family

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []
