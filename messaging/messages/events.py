"""The webhook events of a message: what each status that it reaches is announced as."""

from __future__ import annotations

from typing import Any

from messaging.messages.models import Message, MessageStatus
from messaging.money import as_text
from messaging.webhooks.events import Occurrence
from orbit.api.envelope import timestamp

# Of ends that nobody knows (`submitted_no_receipt`) there is no event.
TYPES = {
    MessageStatus.SENT: "message.sent",
    MessageStatus.DELIVERED: "message.delivered",
    MessageStatus.FAILED: "message.failed",
    MessageStatus.UNDELIVERED: "message.undelivered",
    MessageStatus.EXPIRED: "message.undelivered",
}


def occurrence(message: Message) -> Occurrence:
    """Of having reached its status, one of `TYPES`."""
    return Occurrence(
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
