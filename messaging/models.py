"""Where Django looks for models; each noun keeps its own."""

from __future__ import annotations

from messaging.access.models import Access
from messaging.carriers.models import Carrier, CarrierTest
from messaging.credentials.models import Credential, CredentialStatus
from messaging.messages.models import Message
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool, StickySender

__all__ = [
    "Access",
    "Carrier",
    "CarrierTest",
    "Credential",
    "CredentialStatus",
    "Message",
    "PoolCarrier",
    "PoolMember",
    "SenderPool",
    "StickySender",
]
