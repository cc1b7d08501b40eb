"""Whether the audit is streamed, for /readyz; registers itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from orbit.accounts.audit import sinks, stream
from orbit.operations import health
from orbit.operations.health import Health

LATE = timedelta(minutes=1)


def streamed() -> Health | Mapping[str, Health]:
    """Degraded while rows wait for longer than LATE; nothing where no stream is configured."""
    if not sinks.configured():
        return {}
    waiting = stream.waiting_since()
    if waiting is None or timezone.now() - waiting < LATE:
        return Health(True, "streamed")
    why = "rows wait for file or syslog, for more than a minute: the worker's log says why"
    return Health(True, why, degraded=True)


health.register("audit_stream", streamed, needs_database=True)
