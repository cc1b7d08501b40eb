"""Whether the process lives (/healthz) and whether the site can work (/readyz).

`read` is the one place that says what is wrong with the site and why: /readyz, /metrics, the
console's home and `manage.py gateways list` all show what it returns.

Apps add their own checks with `register`. A check must be quick (it brings its own short timeouts)
and must not put secrets into its detail.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orbit.operations import outages
from orbit.operations.metrics_token import bears_token

_TIMEOUT = 1.0  # seconds


@dataclass(frozen=True)
class Health:
    """`detail` is for operators; `public`, the same without addresses, for everyone, if it differs.

    `degraded`: it works, and something is wrong all the same.
    """

    ok: bool
    detail: str = ""
    public: str = ""
    degraded: bool = False

    @property
    def is_well(self) -> bool:
        return self.ok and not self.degraded


# One answer, or several by name ("gateways" -> "gateways.main").
Check = Callable[[], Health | Mapping[str, Health]]
DATABASE = "database"
UNKNOWN = Health(False, "unknown while the database is away")
_checks: dict[str, tuple[Check, bool]] = {}


def register(name: str, check: Check, *, needs_database: bool = False) -> None:
    """Add a check to /readyz; what it raises counts as down, by the name of the exception.

    `needs_database`: it is not asked while that is away.
    """
    _checks[name] = (check, needs_database)


def read() -> dict[str, Health]:
    """Run every check, one after the other, the database's first."""
    found: dict[str, Health] = {}
    for name, (check, needs_database) in _checks.items():
        if needs_database and not found[DATABASE].ok:
            found[name] = UNKNOWN
        else:
            found |= _run(name, check)
    return found


def status(found: Mapping[str, Health]) -> str:
    """Of all: down, degraded or ok."""
    if not all(health.ok for health in found.values()):
        return "down"
    return "degraded" if any(health.degraded for health in found.values()) else "ok"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """`{status: "ok"|"degraded"|"down", checks: {name: {ok, degraded, detail}}}`; 503 when one is
    down. Addresses are for those who bear METRICS_TOKEN."""
    found = read()
    is_operator = bears_token(request)
    checks = {
        name: {
            "ok": health.ok,
            "degraded": health.degraded,
            "detail": health.detail if is_operator else health.public or health.detail,
        }
        for name, health in found.items()
    }
    said = status(found)
    return JsonResponse({"status": said, "checks": checks}, status=503 if said == "down" else 200)


def _run(name: str, check: Check) -> list[tuple[str, Health]]:
    try:
        found = check()
    except Exception as error:  # whatever a driver raises, it is down
        return [(name, Health(False, type(error).__name__))]
    if isinstance(found, Health):
        return [(name, found)]
    return [(f"{name}.{part}", health) for part, health in found.items()]


def _down(server: tuple[str, str], error: Exception) -> Health:
    what, where = server
    seen = outages.why(error)
    return Health(False, f"{what} {where}: {seen}", f"{what}: {seen}")


def _database() -> Health:
    """By a connection of its own: one that is open to a server that hangs would hang with it."""
    is_server = connection.vendor == "postgresql"
    asking = connection.copy() if is_server else connection
    try:
        with asking.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Exception as error:
        return _down(outages.database(), error)
    finally:
        if is_server:
            asking.close()
    return Health(True, connection.vendor)


def _cache() -> Health:
    key, value = f"health:{secrets.token_hex(8)}", secrets.token_hex(8)
    try:
        cache.set(key, value, timeout=10)
        kept = cache.get(key) == value
    except Exception as error:
        return _down(outages.redis(), error)
    return Health(True) if kept else Health(False, "it forgets what it is told")


def _broker() -> Health:
    # Its own answer time too: one that takes connections and is silent would hold the probe.
    quick = {"socket_timeout": _TIMEOUT}
    try:
        with current_app.connection_for_write(
            connect_timeout=_TIMEOUT, transport_options=quick
        ) as broker:
            broker.connect()
    except Exception as error:
        return _down(outages.redis(), error)
    return Health(True)


register(DATABASE, _database)
register("cache", _cache)
register("broker", _broker)
