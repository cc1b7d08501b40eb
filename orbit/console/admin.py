"""Imports the ModelAdmins of all pages, for Django's autodiscovery."""

from __future__ import annotations

from orbit.console.accesses.admin import AccessAdmin
from orbit.console.audit.admin import AuditEventAdmin
from orbit.console.bind_history import BindChangeAdmin
from orbit.console.campaigns.admin import CampaignAdmin
from orbit.console.carrier_tests import CarrierTestAdmin
from orbit.console.carriers.admin import CarrierAdmin
from orbit.console.credentials.admin import CredentialAdmin
from orbit.console.gateways import GatewayAdmin
from orbit.console.inbound.admin import InboundMessageAdmin
from orbit.console.messages.admin import MessageAdmin
from orbit.console.notices.admin import NoticeAdmin
from orbit.console.numbers.admin import OwnNumberAdmin
from orbit.console.opt_outs.admin import OptOutAdmin
from orbit.console.passes.admin import RunAdmin
from orbit.console.people.admin import ApiKeyAdmin, MemberAdmin, OrganizationAdmin
from orbit.console.placements import PlacementAdmin
from orbit.console.pools.admin import SenderPoolAdmin
from orbit.console.stray_receipts import StrayReceiptAdmin
from orbit.console.webhooks import WebhookAdmin

__all__ = [
    "AccessAdmin",
    "ApiKeyAdmin",
    "AuditEventAdmin",
    "BindChangeAdmin",
    "CampaignAdmin",
    "CarrierAdmin",
    "CarrierTestAdmin",
    "CredentialAdmin",
    "GatewayAdmin",
    "InboundMessageAdmin",
    "MemberAdmin",
    "MessageAdmin",
    "NoticeAdmin",
    "OptOutAdmin",
    "OrganizationAdmin",
    "OwnNumberAdmin",
    "PlacementAdmin",
    "RunAdmin",
    "SenderPoolAdmin",
    "StrayReceiptAdmin",
    "WebhookAdmin",
]
