"""Trunks: the ways into gateways for messages of credentials.

A gateway behind our launcher takes submits through its lane, a stock Jasmin through `/send`. Both
take them as the credential's own user, so that they go out through its bind alone.
"""

from __future__ import annotations

from collections.abc import Collection

from messaging.credentials.models import Credential
from messaging.gateway import Refusal, Refused, Trunk
from orbit.db.fields import fault
from reconciler import placements
from reconciler.gateway_client.jasmin_trunk import JasminTrunk
from reconciler.gateway_client.lane_trunk import LaneTrunk
from reconciler.jasmin.capabilities import ADDRESSES, LANE
from reconciler.models import GatewayLog, GatewayMode, GatewayState
from reconciler.placements import Serving

_HELD = {
    GatewayMode.DRAINING: "the gateway is being drained",
    GatewayMode.LOST: "the gateway was lost, and no other one has room",
}


def trunks(credential_ids: Collection[str]) -> dict[str, Trunk | Refused]:
    """`messaging.gateway.Gateway.trunks`."""
    credentials = Credential.objects.live().in_bulk(list(credential_ids))
    owners = {credential.organization_id for credential in credentials.values()}
    serving = placements.serving_each(owners)
    lanes = dict(
        GatewayLog.objects.filter(
            gateway__in={each.gateway.pk for each in serving.values() if each}
        )
        .exclude(log="")
        .values_list("gateway_id", "log")
    )
    found: dict[str, Trunk | Refused] = {}
    for each in credential_ids:
        if each in credentials:
            owner = credentials[each].organization_id
            found[each] = _trunk(credentials[each], serving[owner], lanes)
        else:
            found[each] = Refused(Refusal.REJECTED, "the credential was deleted", False)
    return found


def _trunk(
    credential: Credential, serving: Serving | None, lanes: dict[str, str]
) -> Trunk | Refused:
    if serving is None or not serving.gateway.enabled:
        return Refused(Refusal.UNAVAILABLE, "the organisation has no gateway", True)
    gateway = serving.gateway
    if serving.is_held:
        return Refused(Refusal.UNAVAILABLE, _HELD[gateway.mode], True)
    if gateway.state == GatewayState.DOWN:
        why = gateway.without_addresses(gateway.state_reason)
        return Refused(Refusal.UNAVAILABLE, f"the gateway is down: {why}", True)
    if unreadable := fault(credential, "gateway_password"):
        return Refused(Refusal.UNAVAILABLE, unreadable, True)
    login = {"username": credential.gateway_key, "password": credential.gateway_password}
    if LANE not in gateway.capabilities:
        return JasminTrunk(
            url=gateway.http_url,
            # Our launcher removes the `+` where the carrier wants none; it tells numbers by it.
            plus=credential.addressing["plus"] or ADDRESSES in gateway.capabilities,
            **login,
        )
    if gateway.pk not in lanes:
        # Without a receiver the outcome of messages would stay unknown.
        return Refused(Refusal.UNAVAILABLE, "no receiver has read the gateway's log yet", True)
    return LaneTrunk(url=gateway.http_url, lane=lanes[gateway.pk], **login)
