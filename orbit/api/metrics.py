"""/metrics for Prometheus; apps add collectors with `register`.

With several web processes, PROMETHEUS_MULTIPROC_DIR (prometheus_client's own variable) lets each
of them answer for all.
"""

from __future__ import annotations

import hmac
import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

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
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    given = request.META.get("HTTP_AUTHORIZATION", "").encode("utf-8", "replace")
    if not hmac.compare_digest(wanted, given):
        answer = HttpResponse("Bear the token.\n", status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        registry.register(REQUESTS)
        registry.register(SECONDS)
    for collector in _collectors:
        registry.register(collector)
    return registry
