"""Places each organisation on a gateway, and moves it to another."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler import gateway_loads
from reconciler.diff import Action
from reconciler.models import Gateway, GatewayMode, GatewayState, Placement
from reconciler.plan import Plan

# Columns that are encrypted, and that nobody needs who only asks where an organisation is.
_SECRETS = ("jcli_password", "amqp_url")


@dataclass(frozen=True)
class Serving:
    """The gateway of an organisation's traffic. `is_held`: it takes no new messages."""

    gateway: Gateway
    is_held: bool


def place(organization_id: str) -> Gateway | None:
    """Return the organisation's gateway; a new one gets the one with the smallest load.

    None while there is no gateway that takes organisations. Two callers at once place it once.
    """
    placement = (
        Placement.objects.select_related("gateway").filter(organization_id=organization_id).first()
    )
    if placement is None:
        gateway = gateway_loads.least(gateway_loads.read())
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
    found = serving_each([organization_id])[organization_id]
    return found.gateway if found else None


def serving_each(organization_ids: Collection[str]) -> dict[str, Serving | None]:
    """The gateways of these organisations' traffic, in one statement; places those without one."""
    rows = (
        Placement.objects.filter(organization__in=organization_ids)
        .select_related("gateway", "leaving")
        .defer(*(f"{of}__{name}" for of in ("gateway", "leaving") for name in _SECRETS))
    )
    found: dict[str, Serving | None] = {}
    for row in rows:
        gateway = row.leaving or row.gateway
        found[row.pk] = Serving(gateway, gateway.closed)
    for organization_id in organization_ids:
        if organization_id not in found:
            gateway = place(organization_id)
            found[organization_id] = Serving(gateway, gateway.closed) if gateway else None
    return found


def served_by(gateway: Gateway) -> Q:
    """Of organisations: their traffic goes through this gateway."""
    return Q(placement__leaving=gateway) | Q(placement__gateway=gateway, placement__leaving=None)


def unfit(gateway: Gateway) -> str:
    """Return why the gateway can't take organisations now; "" if it can."""
    if not gateway.enabled:
        return "disabled"
    if gateway.mode != GatewayMode.ACTIVE:
        return "being drained" if gateway.mode == GatewayMode.DRAINING else "lost"
    return f"down: {gateway.state_reason}" if gateway.state == GatewayState.DOWN else ""


def move(organization: Organization, gateway: Gateway) -> None:
    """Serve the organisation on `gateway` too; it leaves the old one once it has arrived.

    One that is on its way already leaves the one that it is served on; back there, it has arrived.
    Raises Unfit for a gateway that is disabled, drained, lost or down.
    """
    why = unfit(gateway)
    if why:
        raise Unfit(f"gateway {gateway} is {why}")
    placement, _ = Placement.objects.get_or_create(
        organization=organization, defaults={"gateway": gateway}
    )
    if placement.gateway_id == gateway.pk:
        return
    old = placement.leaving_id or placement.gateway_id
    since = timezone.now()
    news = {"leaving": old, "moving_since": since}
    if old == gateway.pk:
        news = {"leaving": None, "moving_since": None}
    mine = Placement.objects.filter(
        pk=placement.pk, gateway=placement.gateway_id, leaving=placement.leaving_id
    )
    mine.update(gateway=gateway, **news)


def on_their_way_to(gateway: Gateway) -> set[str]:
    """Organisations that move to this gateway and have not arrived: the old one has their
    traffic."""
    return set(gateway.placements.exclude(leaving=None).values_list("organization_id", flat=True))


def may_bind_twice(credential: Credential) -> bool:
    """Whether the carrier takes its binds on two gateways at once, as far as we know."""
    allowed = credential.max_binds
    return allowed is None or allowed >= 2 * credential.sessions_wanted


def arrive(
    gateway: Gateway, organizations: Iterable[Organization], *, unbound: Collection[str] = ()
) -> None:
    """End the moves of organisations that are now in sync on `gateway`: they leave the old one.

    `unbound`: organisations with a bind that is up on the old one and not here yet; they wait for
    it up to `GATEWAY_MOVE_PATIENCE`, so that their traffic has no gap.
    """
    late = timezone.now() - timedelta(seconds=settings.GATEWAY_MOVE_PATIENCE)
    patient = Q(organization__in=unbound) & Q(moving_since__gt=late)
    here = Placement.objects.filter(gateway=gateway, organization__in=list(organizations))
    moving = here.exclude(leaving=None).exclude(patient)
    moving.update(leaving=None, moving_since=None)


def leaving(organization_id: str) -> Gateway | None:
    """The gateway that the organisation is about to leave, if it moves."""
    return Gateway.objects.filter(departures__organization=organization_id).first()


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
