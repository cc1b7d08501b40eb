"""The implementation of `messaging.gateway`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from messaging.gateway import Refused, Trunk
from reconciler import placements
from reconciler import push as pushes
from reconciler.fleet import door
from reconciler.gateway_client.trunks import trunks
from reconciler.receiver import log_offsets


class GatewayAdapter:
    """Implements `messaging.gateway.Gateway`."""

    def push(self, organization_id: str) -> None:
        """Queue one scoped pass for a burst of commits of an organisation."""
        pushes.queue(organization_id)

    def smpp_address(self, organization_id: str) -> tuple[str, int] | None:
        gateway = placements.serving(organization_id)
        if gateway is None or not gateway.smpp_host:
            return None
        return gateway.smpp_host, gateway.smpp_port

    def trunks(self, credential_ids: Collection[str]) -> dict[str, Trunk | Refused]:
        return trunks(credential_ids)

    def reported_until(self) -> datetime:
        return log_offsets.read_until()

    def reports_behind(self) -> dict[str, datetime]:
        return log_offsets.behind_by_lane()

    def untaken(self, tokens: Mapping[str, Collection[str]]) -> dict[str, frozenset[str] | None]:
        return door.untaken(tokens)
