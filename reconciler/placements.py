"""Places each organisation on a gateway, and moves it to another."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.db.models import Count, Q

from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler.diff import Action
from reconciler.models import Gateway, GatewayState, Placement
from reconciler.plan import Plan


def place(organization_id: str) -> Gateway | None:
    """Return the organisation's gateway; a new one gets the one with the fewest connectors.

    None while there is no gateway. Two callers at once place it once.
    """
    placement = (
        Placement.objects.select_related("gateway").filter(organization_id=organization_id).first()
    )
    if placement is None:
        gateway = (
            Gateway.objects.filter(enabled=True)
            .annotate(
                connectors=Count(
                    "placements__organization__credentials",
                    filter=Q(placements__organization__credentials__deleted_at=None),
                )
            )
            .order_by("connectors", "name")
            .first()
        )
        if gateway is None:
            return None
        placement, _ = Placement.objects.get_or_create(
            organization_id=organization_id, defaults={"gateway": gateway}
        )
    return placement.gateway


def place_all() -> None:
    """Place the organisations that were created before there was a gateway."""
    for organization_id in Organization.objects.filter(placement=None).values_list("id", flat=True):
        place(organization_id)


class Unfit(Exception):
    """The gateway can't take organisations now; `str()` says why."""


def serving(organization_id: str) -> Gateway | None:
    """Return the gateway that serves the organisation; while it moves, the old one."""
    gateway = place(organization_id)
    leaving = Gateway.objects.filter(departures__organization=organization_id).first()
    return leaving or gateway


def unfit(gateway: Gateway) -> str:
    """Return why the gateway can't take organisations now; "" if it can."""
    if not gateway.enabled:
        return "disabled"
    return f"down: {gateway.state_reason}" if gateway.state == GatewayState.DOWN else ""


def move(organization: Organization, gateway: Gateway) -> None:
    """Serve the organisation on `gateway` too; it leaves the old one once the new one is in sync.

    Raises Unfit for a gateway that is disabled or down.
    """
    why = unfit(gateway)
    if why:
        raise Unfit(f"gateway {gateway} is {why}")
    placement, _ = Placement.objects.get_or_create(
        organization=organization, defaults={"gateway": gateway}
    )
    if placement.gateway_id != gateway.pk:
        Placement.objects.filter(pk=placement.pk, gateway=placement.gateway_id).update(
            gateway=gateway, leaving=placement.gateway_id
        )


def arrived(gateway: Gateway, organizations: Iterable[Organization]) -> None:
    """End the moves of organisations that are now in sync on `gateway`: they leave the old one."""
    here = Placement.objects.filter(gateway=gateway, organization__in=list(organizations))
    here.exclude(leaving=None).update(leaving=None)


def known_elsewhere(gateway: Gateway, plan: Plan) -> set[str]:
    """Return keys that the plan deletes here because they are on another gateway now.

    Their rows exist, so their deletion is no sign of a lost database.
    """
    keys = [change.key for change in plan.changes if change.action is Action.DELETE]
    organizations = Organization.objects.exclude(placement__gateway=gateway)
    credentials = Credential.objects.exclude(organization__placement__gateway=gateway)
    return {
        key
        for rows in (organizations, credentials)
        for key in rows.filter(gateway_key__in=keys).values_list("gateway_key", flat=True)
    }


def own_servers() -> list[tuple[str, int]]:
    """Host and port of the gateways' SMPP servers: as organisations reach them, and as we do."""
    found = set()
    for gateway in Gateway.objects.exclude(smpp_host=""):
        inside = {gateway.jcli_host, urlsplit(gateway.http_url).hostname or ""} - {""}
        found |= {(host, gateway.smpp_port) for host in {gateway.smpp_host, *inside}}
    return sorted(found)
