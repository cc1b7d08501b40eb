"""/metrics for Prometheus; apps add collectors with `register`.

While the database is away there is still what /readyz says, which names it; nothing else is asked.

With several web processes, PROMETHEUS_MULTIPROC_DIR (prometheus_client's own variable) lets each
of them answer for all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from orbit.operations import health
from orbit.operations.health import Health
from orbit.operations.metrics_token import bears_token

REQUESTS = Counter(
    "orbit_http_requests_total", "Answers by method and status", ["method", "status"], registry=None
)
SECONDS = Histogram(
    "orbit_http_request_seconds", "Time to answer, by method", ["method"], registry=None
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_collectors: list[Collector] = []


def register(collector: Collector) -> None:
    """Add a collector; it is asked at each scrape, so it must be quick."""
    _collectors.append(collector)


def observe(method: str, status: int, seconds: float) -> None:
    """Count one answer; methods that nobody serves are one label, since anybody can invent them."""
    method = method if method in _METHODS else "other"
    REQUESTS.labels(method, str(status)).inc()
    SECONDS.labels(method).observe(seconds)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Text for Prometheus, for whoever bears METRICS_TOKEN; 404 when there is no token."""
    if not settings.METRICS_TOKEN:
        return HttpResponseNotFound("METRICS_TOKEN is not set.\n", content_type="text/plain")
    if not bears_token(request):
        answer = HttpResponse("Bear the token.\n", status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


class HealthCollector:
    """What /readyz says: a number for each check, and the reason of those that are not well."""

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


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        registry.register(REQUESTS)
        registry.register(SECONDS)
    found = health.read()
    registry.register(HealthCollector(found))
    for collector in _collectors if found[health.DATABASE].ok else ():
        registry.register(collector)
    return registry
