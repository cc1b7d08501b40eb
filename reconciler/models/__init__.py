from __future__ import annotations

from reconciler.models.binds import BindChange
from reconciler.models.gateways import Gateway, GatewayState, Placement
from reconciler.models.logs import GatewayLog
from reconciler.models.runs import Run, RunState
from reconciler.models.trunks import Trunk

__all__ = [
    "BindChange",
    "Gateway",
    "GatewayLog",
    "GatewayState",
    "Placement",
    "Run",
    "RunState",
    "Trunk",
]
