"""Webhook events of messages: one for each status in `TYPES`."""

from __future__ import annotations

from typing import Any

from messaging.messages.models import Message, MessageStatus
from messaging.money import as_text
from messaging.webhooks.events import NewEvent
from orbit.api.envelope import timestamp

# None for `submitted_no_receipt`: what became of the message is not known.
TYPES = {
    MessageStatus.SENT: "message.sent",
    MessageStatus.DELIVERED: "message.delivered",
    MessageStatus.FAILED: "message.failed",
    MessageStatus.UNDELIVERED: "message.undelivered",
    MessageStatus.EXPIRED: "message.undelivered",
}


def event_of(message: Message) -> NewEvent:
    """The event that announces the message's status, which is one of `TYPES`."""
    return NewEvent(
        organization_id=message.organization_id,
        type=TYPES[message.status],
        data=_data(message),
        url=message.webhook_url,
    )


def _data(message: Message) -> dict[str, Any]:
    price = message.price_amount
    error = {"code": message.error_code, "message": message.error_message}
    return {
        "message_id": message.pk,
        "channel": "sms",
        "from": message.sender or message.wanted_sender or None,
        "to": message.to,
        "status": message.status,
        "segments": message.segments,
        "carrier_id": message.carrier_id,
        "provider_id": message.carrier_message_id or None,
        "price": {"amount": as_text(price), "currency": message.price_currency}
        if price is not None
        else None,
        "error": error if message.error_code else None,
        "metadata": message.metadata,
        "sent_at": timestamp(message.sent_at),
        "delivered_at": timestamp(message.finished_at)
        if message.status == MessageStatus.DELIVERED
        else None,
    }
