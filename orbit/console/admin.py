"""Where Django looks for the console's pages."""

from __future__ import annotations

from orbit.console.accesses import AccessAdmin
from orbit.console.bind_history import BindChangeAdmin
from orbit.console.carrier_tests import CarrierTestAdmin
from orbit.console.carriers import CarrierAdmin
from orbit.console.credentials import CredentialAdmin
from orbit.console.gateways import GatewayAdmin
from orbit.console.placing import PlacementAdmin
from orbit.console.pools import SenderPoolAdmin
from orbit.console.runs import RunAdmin

__all__ = [
    "AccessAdmin",
    "BindChangeAdmin",
    "CarrierAdmin",
    "CarrierTestAdmin",
    "CredentialAdmin",
    "GatewayAdmin",
    "PlacementAdmin",
    "RunAdmin",
    "SenderPoolAdmin",
]
