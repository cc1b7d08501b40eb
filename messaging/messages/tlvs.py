"""TLVs of a message's submits."""

from __future__ import annotations

from messaging.credentials.models import Credential
from messaging.messages.models import Message
from messaging.smpp.protocol.tlv import Tlv
from messaging.smpp.tlvs import over


def tlvs_of(message: Message, credential: Credential) -> list[Tlv]:
    """Those of the message, and of the credential those with other tags."""
    return over(message.tlvs, credential.tlvs)
