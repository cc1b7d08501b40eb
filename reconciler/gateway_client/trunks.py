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
from reconciler.models import Gateway, GatewayLog, GatewayState


def trunks(credential_ids: Collection[str]) -> dict[str, Trunk | Refused]:
    """`messaging.gateway.Gateway.trunks`."""
    credentials = Credential.objects.live().in_bulk(list(credential_ids))
    gateways = {
        each: placements.serving(each)
        for each in {credential.organization_id for credential in credentials.values()}
    }
    lanes = dict(
        GatewayLog.objects.filter(gateway__in=[each for each in gateways.values() if each])
        .exclude(log="")
        .values_list("gateway_id", "log")
    )
    found: dict[str, Trunk | Refused] = {}
    for each in credential_ids:
        if each in credentials:
            gateway = gateways[credentials[each].organization_id]
            found[each] = _trunk(credentials[each], gateway, lanes)
        else:
            found[each] = Refused(Refusal.REJECTED, "the credential was deleted", False)
    return found


def _trunk(
    credential: Credential, gateway: Gateway | None, lanes: dict[str, str]
) -> Trunk | Refused:
    if gateway is None or not gateway.enabled:
        return Refused(Refusal.UNAVAILABLE, "the organisation has no gateway", True)
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
