"""Where Django looks for the console's pages."""

from __future__ import annotations

from orbit.console.accesses import AccessAdmin
from orbit.console.audit_events import AuditEventAdmin
from orbit.console.bind_history import BindChangeAdmin
from orbit.console.campaigns import CampaignAdmin
from orbit.console.carrier_tests import CarrierTestAdmin
from orbit.console.carriers import CarrierAdmin
from orbit.console.credentials import CredentialAdmin
from orbit.console.gateways import GatewayAdmin
from orbit.console.message_pages import MessageAdmin
from orbit.console.placing import PlacementAdmin
from orbit.console.pools import SenderPoolAdmin
from orbit.console.runs import RunAdmin
from orbit.console.stray_receipts import StrayReceiptAdmin
from orbit.console.webhooks import WebhookAdmin

__all__ = [
    "AccessAdmin",
    "AuditEventAdmin",
    "BindChangeAdmin",
    "CampaignAdmin",
    "CarrierAdmin",
    "CarrierTestAdmin",
    "CredentialAdmin",
    "GatewayAdmin",
    "MessageAdmin",
    "PlacementAdmin",
    "RunAdmin",
    "SenderPoolAdmin",
    "StrayReceiptAdmin",
    "WebhookAdmin",
]
