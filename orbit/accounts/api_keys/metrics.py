"""Prometheus: when API keys end, of those that end next."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from orbit.accounts.api_keys.models import ApiKey
from orbit.operations import metrics

MOST = 20  # keys


class ApiKeyCollector:
    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "orbit_api_key_expiry_timestamp_seconds",
            "When a key ends, of the 20 in use that end next",
            None,
            ["key"],
        )
        living = ApiKey.objects.filter(revoked_at=None, expires_at__gt=timezone.now())
        used = living.exclude(last_used_at=None).order_by("expires_at")
        for key, end in used.values_list("pk", "expires_at")[:MOST]:
            family.add_metric([key], end.timestamp())
        yield family

    def describe(self) -> list[Metric]:
        """Nothing is read when the collector is registered."""
        return []


metrics.register(ApiKeyCollector())
