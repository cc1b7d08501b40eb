"""Re-exports all models for Django; each noun has its own `models`."""

from __future__ import annotations

from messaging.access.models import Access
from messaging.campaigns.models import Campaign, CampaignCount, Recipient
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.models import Credential, CredentialStatus
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.messages.models import Message, MessageFeedback
from messaging.notices.models import (
    Notice,
    NoticeDelivery,
    NoticeRecipient,
    NoticeRound,
    NoticeSilence,
)
from messaging.opt_out_texts.models import NearMiss
from messaging.opt_outs.models import Confirmation, OptOut, OptOutSettings
from messaging.own_numbers.models import OwnNumber
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool, StickySender
from messaging.quality.models import CarrierStanding, QualityCount, QualityMove
from messaging.receipts.models import Part, StrayKey, StrayReceipt
from messaging.usage.models import CredentialTotal, UsageHour, UsageRecord
from messaging.webhooks.models import Delivery, Event, Webhook, WebhookSecret

__all__ = [
    "Access",
    "BindAttempt",
    "Campaign",
    "CampaignCount",
    "Carrier",
    "CarrierStanding",
    "CarrierTest",
    "Confirmation",
    "Credential",
    "CredentialStatus",
    "Delivery",
    "Event",
    "InboundMessage",
    "InboundPdu",
    "Message",
    "MessageFeedback",
    "NearMiss",
    "Notice",
    "NoticeDelivery",
    "NoticeRecipient",
    "NoticeRound",
    "NoticeSilence",
    "OptOut",
    "OptOutSettings",
    "OwnNumber",
    "Part",
    "PoolCarrier",
    "PoolMember",
    "QualityCount",
    "QualityMove",
    "Recipient",
    "SenderPool",
    "StickySender",
    "StrayKey",
    "StrayReceipt",
    "CredentialTotal",
    "UsageHour",
    "UsageRecord",
    "Webhook",
    "WebhookSecret",
]
