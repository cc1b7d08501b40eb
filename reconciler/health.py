"""Health of each gateway and its log, as /readyz, Home and `gateways list` show it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from orbit.operations.health import Health
from reconciler.models import Gateway, GatewayLog, GatewayMode, GatewayState
from reconciler.receiver import log_offsets
from reconciler.status.gateway_status import UNSEEN_AFTER

STALE_AFTER = 4  # intervals without a whole pass: beat, worker or lock holder hangs
LATE = timedelta(seconds=30)  # unread records as old as this: states of messages are out of date


def gateways() -> dict[str, Health]:
    """Return one answer for each enabled gateway, by its name."""
    return {
        gateway.name: gateway_health(gateway) for gateway in Gateway.objects.filter(enabled=True)
    }


def gateway_health(gateway: Gateway) -> Health:
    """A drained or lost gateway without organisations is well: no traffic needs it."""
    seen = _seen(gateway)
    if gateway.mode == GatewayMode.ACTIVE:
        return seen
    count = gateway.placements.count() + gateway.departures.count()
    because = f" ({gateway.mode_reason})" if gateway.mode_reason else ""
    what = f"{gateway.mode}{because}, {count} organisation(s) on it"
    public = f"{gateway.mode}; {seen.public or seen.detail}"
    ok = seen.ok or not count
    return Health(ok, f"{what}; {seen.detail}", public, degraded=ok)


def takes_messages(gateway: Gateway) -> bool:
    return _seen(gateway).ok and not gateway.closed


def _seen(gateway: Gateway) -> Health:
    if gateway.state == GatewayState.DOWN:
        public = f"down: {gateway.without_addresses(gateway.state_reason)}"
        return Health(False, f"down: {gateway.state_reason}", public)
    now = timezone.now()
    if gateway.looked_at is None or abs(now - gateway.looked_at) > UNSEEN_AFTER:
        return Health(False, "unknown: no process of ours looks at it")
    if gateway.last_pass_at is None:
        return Health(False, "no pass has read it yet")
    age = (now - gateway.last_pass_at).total_seconds()
    if abs(age) > STALE_AFTER * settings.RECONCILE_INTERVAL:
        return Health(False, f"no pass has read it since {gateway.last_pass_at:%H:%M:%S} UTC")
    if gateway.state_reason:
        public = gateway.without_addresses(gateway.state_reason)
        return Health(True, f"up, {gateway.state_reason}", f"up, {public}", degraded=True)
    if gateway.faults:
        # No names: readiness asks for no key. No age: /metrics makes a series of each reason.
        detail = "not everything is as wanted: Home, or `manage.py gateways list`, says what"
        return Health(True, f"{gateway.state}, {detail}", degraded=True)
    return Health(True, f"{gateway.state}, last pass {age:.0f} s ago")


def logs() -> dict[str, Health]:
    """Return one answer for each gateway that has a log, by its name: whether it is read."""
    now = timezone.now()
    return {
        gateway.name: log_health(log_offsets.row_if_any(gateway), now)
        for gateway in log_offsets.gateways_with_log()
    }


def log_health(row: GatewayLog | None, now: datetime) -> Health:
    if row is None or (row.read_at is None and not row.error):
        return Health(False, "no receiver has read it yet: nobody learns what becomes of messages")
    lag = log_offsets.behind(row, now)
    if row.error and row.failed_since:
        detail = f"it can't be read since {row.failed_since:%H:%M:%S} UTC: {row.error}"
        return Health(True, detail, degraded=True)
    if lag > LATE:
        # No age here either: orbit_gateway_log_lag_seconds has it.
        detail = f"reports wait unread, for more than {LATE.total_seconds():.0f} s"
        return Health(True, detail, degraded=True)
    return Health(True, f"{lag.total_seconds():.0f} s behind")
