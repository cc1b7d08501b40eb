"""Where Django looks for models; each noun keeps its own."""

from __future__ import annotations

from messaging.access.models import Access
from messaging.campaigns.models import Campaign, CampaignCount, Recipient
from messaging.carriers.models import Carrier, CarrierTest
from messaging.credentials.models import Credential, CredentialStatus
from messaging.messages.models import Message
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool, StickySender
from messaging.receipts.models import InboundPdu, Part, StrayKey, StrayReceipt
from messaging.webhooks.models import Delivery, Event, Webhook, WebhookSecret

__all__ = [
    "Access",
    "Campaign",
    "CampaignCount",
    "Carrier",
    "CarrierTest",
    "Credential",
    "CredentialStatus",
    "Delivery",
    "Event",
    "InboundPdu",
    "Message",
    "Part",
    "PoolCarrier",
    "PoolMember",
    "Recipient",
    "SenderPool",
    "StickySender",
    "StrayKey",
    "StrayReceipt",
    "Webhook",
    "WebhookSecret",
]
