"""Gauges of /metrics, read from the database at each scrape: right with any number of processes."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q, Sum
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from messaging.access.models import Access
from messaging.credentials.models import CredentialStatus
from reconciler import health
from reconciler.models import Gateway
from reconciler.receiver import log_offsets
from reconciler.status.bind_sessions import WANTED


class GatewayCollector:
    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("orbit_gateway_up", "1 if it takes new messages", None, ["gateway"])
        mode = GaugeMetricFamily(
            "orbit_gateway_mode",
            "1 for what was made of it: active, draining, lost",
            None,
            ["gateway", "mode"],
        )
        age = GaugeMetricFamily(
            "orbit_gateway_last_pass_age_seconds", "Since the last whole pass", None, ["gateway"]
        )
        faults = GaugeMetricFamily(
            "orbit_gateway_faults",
            "What the last pass could not do, an entry an organisation (the first 20)",
            None,
            ["gateway"],
        )
        now = timezone.now()
        for gateway in Gateway.objects.filter(enabled=True):
            up.add_metric([gateway.name], float(health.takes_messages(gateway)))
            mode.add_metric([gateway.name, gateway.mode], 1.0)
            faults.add_metric([gateway.name], len(gateway.faults))
            if gateway.last_pass_at:
                age.add_metric([gateway.name], (now - gateway.last_pass_at).total_seconds())
        lag = GaugeMetricFamily(
            "orbit_gateway_log_lag_seconds",
            "Age of the oldest record of its log that may be unread",
            None,
            ["gateway"],
        )
        for gateway in log_offsets.gateways_with_log():
            if row := log_offsets.row_if_any(gateway):
                lag.add_metric([gateway.name], log_offsets.behind(row, now).total_seconds())
        yield lag
        yield up
        yield mode
        yield age
        yield faults
        yield from self._credentials()
        submits = CounterMetricFamily(
            "orbit_access_submits", "submit_sm over the binds of accesses, as passes saw them"
        )
        submits.add_metric([], Access.objects.aggregate(sum=Sum("submits_total"))["sum"] or 0)
        yield submits

    def _credentials(self) -> Iterator[Metric]:
        live = CredentialStatus.objects.filter(credential__deleted_at=None)
        for field in ("bind_state", "sync_state"):
            family = GaugeMetricFamily(
                f"orbit_credentials_{field}", f"Credentials by {field}", None, ["state"]
            )
            for state, count in live.values_list(field).annotate(Count("pk")).order_by(field):
                family.add_metric([state], count)
            yield family
        up = GaugeMetricFamily("orbit_binds_up", "Binds of credentials that are up")
        wanted = GaugeMetricFamily(
            "orbit_binds_wanted", "Binds that enabled credentials are to have; a pair is two"
        )
        enabled = Q(credential__enabled=True)
        sums = live.aggregate(up=Sum("bound"), wanted=Sum(WANTED, filter=enabled))
        up.add_metric([], sums["up"] or 0)
        wanted.add_metric([], sums["wanted"] or 0)
        yield up
        yield wanted

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering the collector reads no database."""
        return []
