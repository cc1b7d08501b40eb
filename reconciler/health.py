"""What readiness says of gateways: each one, and how old its last whole pass is."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from orbit.api.health import Health
from reconciler.models import Gateway, GatewayState

STALE_AFTER = 4  # intervals without a whole pass: beat, worker or lock holder hangs


def gateways() -> dict[str, Health]:
    """Return one answer for each enabled gateway, by its name."""
    return {gateway.name: _of(gateway) for gateway in Gateway.objects.filter(enabled=True)}


def _of(gateway: Gateway) -> Health:
    if gateway.state == GatewayState.DOWN:
        return Health(False, f"down: {gateway.state_reason}")
    if gateway.last_pass_at is None:
        return Health(False, "no pass has read it yet")
    age = (timezone.now() - gateway.last_pass_at).total_seconds()
    detail = f"{gateway.state}, last pass {age:.0f} s ago"
    if gateway.faults:
        # No names: readiness asks for no key.
        detail += ", not everything is as wanted: Home, or `manage.py gateways list`, says what"
    ok = age <= STALE_AFTER * settings.RECONCILE_INTERVAL
    return Health(ok, detail, degraded=bool(gateway.faults))
