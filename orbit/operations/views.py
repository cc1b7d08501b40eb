"""What monitors read (/healthz, /readyz, /metrics), and the pages of unexpected failures."""

from __future__ import annotations

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.shortcuts import render
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from orbit.operations import health, outages
from orbit.operations.metrics import registry
from orbit.operations.metrics_token import bears_metrics_token


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The web process answers; nothing else is checked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """`{status: "ok"|"degraded"|"down", checks: {name: {ok, degraded, detail}}}`; 503 when a check
    is down. Why is for requests with METRICS_TOKEN; others read what is up or down."""
    found = health.read()
    status = health.status(found)
    checks = {
        name: {"ok": each.ok, "degraded": each.degraded, "detail": each.detail}
        for name, each in (found if bears_metrics_token(request) else health.public(found)).items()
    }
    code = 503 if status == "down" else 200
    return JsonResponse({"status": status, "checks": checks}, status=code)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's text format; 401 without METRICS_TOKEN, 404 when the site has no token."""
    if not settings.METRICS_TOKEN:
        return HttpResponseNotFound("METRICS_TOKEN is not set.\n", content_type="text/plain")
    if not bears_metrics_token(request):
        answer = HttpResponse("Bear the token.\n", status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: a page with 503 while the database is away, else with 500.

    Django calls it while it handles the exception.
    """
    error = sys.exc_info()[1]
    if error is None or not outages.is_database_away(error):
        return defaults.server_error(request)
    what, _ = outages.database()
    context = {"server": what, "why": outages.why(error)}
    answer = render(None, "503.html", context, status=503)
    answer["Retry-After"] = outages.RETRY_AFTER
    return answer
