"""Prometheus metrics; apps add collectors with `register`.

While the database is away only the requests and the health checks are exported: no other collector
is asked.

With several web processes, PROMETHEUS_MULTIPROC_DIR (prometheus_client's own variable) lets each
of them answer for all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from orbit.operations import health
from orbit.operations.health import Health

REQUESTS = Counter(
    "orbit_http_requests_total", "Answers by method and status", ["method", "status"], registry=None
)
SECONDS = Histogram(
    "orbit_http_request_seconds", "Time to answer, by method", ["method"], registry=None
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_collectors: list[Collector] = []


def register(collector: Collector) -> None:
    """Add a collector; each scrape calls it, so it must be quick."""
    _collectors.append(collector)


def observe(method: str, status: int, seconds: float) -> None:
    """Count one answer; unknown methods share one label, since a client can invent any number."""
    method = method if method in _METHODS else "other"
    REQUESTS.labels(method, str(status)).inc()
    SECONDS.labels(method).observe(seconds)


class HealthCollector:
    """The health checks: a gauge for each, and the reason of those that are down or degraded."""

    def __init__(self, found: Mapping[str, Health]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        well = GaugeMetricFamily(
            "orbit_check_ok", "1 if this check of /readyz is well, 0 if it is down", None, ["check"]
        )
        reasons = GaugeMetricFamily(
            "orbit_check_trouble",
            "1 for each check that is down or degraded, with the reason",
            None,
            ["check", "status", "reason"],
        )
        for name, each in self._found.items():
            well.add_metric([name], float(each.ok))
            if not each.is_well:
                level = "degraded" if each.ok else "down"
                reasons.add_metric([name, level, each.detail], 1.0)
        yield well
        yield reasons


def registry() -> CollectorRegistry:
    """Everything that a scrape exports, with fresh health checks."""
    collected = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(collected)
    else:
        collected.register(REQUESTS)
        collected.register(SECONDS)
    found = health.read()
    collected.register(HealthCollector(found))
    for collector in _collectors if found[health.DATABASE].ok else ():
        collected.register(collector)
    return collected
