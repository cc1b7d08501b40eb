"""Prometheus: how many numbers have opted out."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from messaging.opt_outs.models import OptOut
from orbit.api.totals import total


class OptOutCollector:
    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "orbit_opt_outs",
            "Numbers that have opted out (above 10,000 by the database's statistics)",
            total(OptOut.objects.all()).count,
        )

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []
