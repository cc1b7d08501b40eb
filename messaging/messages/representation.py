"""How a message is answered."""

from __future__ import annotations

from messaging.messages.models import Message, MessageStatus
from messaging.money import as_text
from orbit.api.envelope import timestamp
from orbit.api.etags import etag


def represent(message: Message) -> dict:
    """One message as the API answers it, in whatever state it is."""
    delivered = message.status == MessageStatus.DELIVERED
    return {
        "id": message.id,
        "message_id": message.id,
        "channel": "sms",
        "to": message.to,
        "from": message.sender or message.wanted_sender or None,
        "body": message.body,
        "status": message.status,
        "segments": message.segments,
        "encoding": message.encoding,
        "carrier_id": message.carrier_id or message.wanted_carrier_id,
        "sender_pool_id": message.sender_pool_id or message.wanted_pool_id,
        "provider_id": message.carrier_message_id or None,
        "campaign_id": message.campaign_id,
        "price": _price(message),
        "error": _error(message),
        "metadata": message.metadata,
        "tlvs": message.tlvs,
        "events": message.events,
        "created_at": timestamp(message.created_at),
        "updated_at": timestamp(message.updated_at),
        "sent_at": timestamp(message.sent_at),
        "delivered_at": timestamp(message.finished_at) if delivered else None,
        "finished_at": timestamp(message.finished_at),
    }


def tag(message: Message) -> str:
    """ETag over what people wrote: once a message is made, nobody writes it again."""
    return etag({"id": message.id})


def _price(message: Message) -> dict | None:
    if message.sent_at is None or message.price_amount is None:
        return None  # no carrier has it, as far as anybody knows
    return {"amount": as_text(message.price_amount), "currency": message.price_currency}


def _error(message: Message) -> dict | None:
    if not message.error_code:
        return None
    return {"code": message.error_code, "message": message.error_message}
