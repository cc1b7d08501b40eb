"""Health checks of the site: what is wrong with it, and why.

/readyz, /metrics, the console's home and `manage.py gateways list` all show what `read` returns.

Apps add their own checks with `register`. A check must be quick (with short timeouts of its own)
and must not put secrets into its detail.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from celery import current_app
from django.core.cache import cache
from django.db import connection

from orbit.operations import outages

_TIMEOUT = 1.0  # seconds


@dataclass(frozen=True)
class Health:
    """The result of one check.

    `detail` is for operators; `public` is the same without addresses, if it differs, for
    organisations. `degraded`: it works, but something is wrong.
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
    """Add a check to /readyz; an exception counts as down, with its class name as the detail.

    `needs_database`: it does not run while the database is away.
    """
    _checks[name] = (check, needs_database)


def read() -> dict[str, Health]:
    """Run every check, one after the other, the database's first; results by name."""
    found: dict[str, Health] = {}
    for name, (check, needs_database) in _checks.items():
        if needs_database and not found[DATABASE].ok:
            found[name] = UNKNOWN
        else:
            found |= _run(name, check)
    return found


def status(found: Mapping[str, Health]) -> str:
    """Return "down", "degraded" or "ok", the worst of all checks."""
    if not all(health.ok for health in found.values()):
        return "down"
    return "degraded" if any(health.degraded for health in found.values()) else "ok"


def public(found: Mapping[str, Health]) -> dict[str, Health]:
    """What strangers are told: each check is up, degraded or down, without the reason. Processes of
    one kind are one entry (the worst), since their names are those of hosts."""
    told: dict[str, Health] = {}
    for name, each in found.items():
        kind, _, _ = name.partition("@")
        known = told.get(kind, each)
        ok, degraded = known.ok and each.ok, known.degraded or each.degraded
        detail = "down" if not ok else "degraded" if degraded else "up"
        told[kind] = Health(ok, detail, degraded=degraded)
    return told


def _run(name: str, check: Check) -> list[tuple[str, Health]]:
    try:
        found = check()
    except Exception as error:  # any exception of a driver means down
        return [(name, Health(False, type(error).__name__))]
    if isinstance(found, Health):
        return [(name, found)]
    return [(f"{name}.{part}", health) for part, health in found.items()]


def _down(server: tuple[str, str], error: Exception) -> Health:
    what, where = server
    seen = outages.why(error)
    return Health(False, f"{what} {where}: {seen}", f"{what}: {seen}")


def _database() -> Health:
    """On PostgreSQL by a new connection: one that is open to a hanging server would hang, too."""
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
    # Limit the wait for answers too: a broker may accept the connection and then stay silent.
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
