"""Whether the process lives (/healthz) and whether it can work (/readyz).

Apps add their own checks with `register`. A check must be quick (it brings its own short timeouts)
and must not put secrets into its detail: /readyz asks for no key.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_TIMEOUT = 1.0  # seconds


@dataclass(frozen=True)
class Health:
    """`degraded`: it works, though not for all or not as well as it should."""

    ok: bool
    detail: str = ""
    degraded: bool = False


# One answer, or several by name ("gateways" -> "gateways.main").
Check = Callable[[], Health | Mapping[str, Health]]
_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Add a check to /readyz; what it raises counts as down, by the name of the exception."""
    _checks[name] = check


def read() -> dict[str, Health]:
    """Run every check, one after the other."""
    return {name: health for own, check in _checks.items() for name, health in _run(own, check)}


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """`{status: "ok"|"degraded"|"down", checks: {name: {ok, detail, degraded}}}`; 503 when one
    is down, and only then."""
    checks = read()
    ok = all(health.ok for health in checks.values())
    working = "degraded" if any(health.degraded for health in checks.values()) else "ok"
    body = {
        "status": working if ok else "down",
        "checks": {name: asdict(health) for name, health in checks.items()},
    }
    return JsonResponse(body, status=200 if ok else 503)


def _run(name: str, check: Check) -> Iterator[tuple[str, Health]]:
    try:
        found = check()
    except Exception as error:  # whatever a driver raises, it is down
        yield name, Health(False, type(error).__name__)
        return
    if isinstance(found, Health):
        yield name, found
        return
    for part, health in found.items():
        yield f"{name}.{part}", health


def _database() -> Health:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return Health(True, connection.vendor)


def _cache() -> Health:
    key, value = f"health:{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, value, timeout=10)
    return Health(cache.get(key) == value)


def _broker() -> Health:
    # Its own answer time too: one that takes connections and is silent would hold the probe.
    quick = {"socket_timeout": _TIMEOUT}
    with current_app.connection_for_write(
        connect_timeout=_TIMEOUT, transport_options=quick
    ) as broker:
        broker.connect()
    return Health(True)


register("database", _database)
register("cache", _cache)
register("broker", _broker)
