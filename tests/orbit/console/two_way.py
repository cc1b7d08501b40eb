"""A person and an organisation that write to each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.messages.models import Message
from messaging.own_numbers.models import OwnNumber
from orbit.accounts.models import Organization
from tests.factories import made_at

PERSON, SECRET_TEXT, OUR_TEXT = "+491512345667", "my code is 7391", "your code is 7391"


def wrote(
    organization: Organization, number: OwnNumber | None = None, *, ago: float = 1, **fields: Any
) -> InboundMessage:
    """A text of the person, so many minutes ago, to a number of the organisation."""
    at = _at(ago)
    columns = {
        "sender": PERSON, "receiver": number.number if number else "38080", "from_is_e164": True,
        "body": SECRET_TEXT, "charset": "gsm7", "segments": 1, "complete": True,
        "received_at": at, "created_at": at,
    } | fields  # fmt: skip
    return InboundMessage.objects.create(
        id=made_at("msg", at), organization=organization, number=number, **columns
    )


def was_sent(organization: Organization, *, ago: float = 1, **fields: Any) -> Message:
    at = _at(ago)
    columns = {
        "to": PERSON, "body": OUR_TEXT, "encoding": "gsm7", "segments": 1, "sender": "38080",
        "status": "delivered", "created_at": at, "sent_at": at, "finished_at": at,
    } | fields  # fmt: skip
    return Message.objects.create(id=made_at("msg", at), organization=organization, **columns)


def pdu_of(text: InboundMessage, **fields: Any) -> InboundPdu:
    columns = {
        "organization": text.organization, "account": "a", "source": PERSON[1:],
        "destination": "38080", "esm_class": 0, "data_coding": 0,
        "octets": SECRET_TEXT.encode().hex(), "fields": {}, "tlvs": [], "raw": "00",
        "digest": "d", "log": "l", "number": 1, "received_at": text.received_at, "message": text,
    } | fields  # fmt: skip
    return InboundPdu.objects.create(**columns)


def _at(ago: float) -> datetime:
    return timezone.now() - timedelta(minutes=ago)
