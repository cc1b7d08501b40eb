from __future__ import annotations

from reconciler.models.bind_changes import BindChange
from reconciler.models.connector_records import ConnectorRecord
from reconciler.models.gateway_logs import GatewayLog
from reconciler.models.gateways import Gateway, GatewayMode, GatewayState, Placement
from reconciler.models.runs import Run, RunState

__all__ = [
    "BindChange",
    "Gateway",
    "GatewayLog",
    "GatewayMode",
    "GatewayState",
    "Placement",
    "Run",
    "RunState",
    "ConnectorRecord",
]
