"""Find the message of ours that a text answers: the latest to its sender, within three days, from
the number that the text came to.

It reads the index of messages by number from its newest end, at most `RECENT` rows for each text: a
number with a million messages costs no more than one with ten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import CharField, QuerySet, Value
from django.utils import timezone

from messaging.inbound.models import InboundMessage
from messaging.messages.models import ID_PREFIX, Message, MessageStatus
from orbit.ids import surely_after, surely_before

WITHIN = timedelta(hours=72)
LATE = timedelta(minutes=2)  # a text stored later than this was read after an outage
RECENT = 50  # messages per sender that are looked at
_CHUNK = 100  # texts in a statement
_NOT_SENT = (MessageStatus.QUEUED, MessageStatus.FAILED)

Row = tuple[str, str, str, str]
"""Id of the text; id, sender and status of the message."""


def find(texts: Sequence[InboundMessage]) -> None:
    """Fill in `in_reply_to`."""
    known = {text.pk: text for text in texts if text.from_is_e164}
    if not known:
        return
    for pk, message_id, sender, status in _rows(list(known.values())):
        text = known[pk]
        if not text.in_reply_to and sender == text.receiver and status not in _NOT_SENT:
            text.in_reply_to = message_id


def _rows(texts: Sequence[InboundMessage]) -> Iterator[Row]:
    """The latest messages to each text's sender, latest first."""
    now = timezone.now()
    if connection.vendor != "postgresql":  # SQLite has no LIMIT in the parts of a UNION
        for text in texts:
            yield from _to_sender(text, now)
        return
    for start in range(0, len(texts), _CHUNK):
        first, *others = (_to_sender(text, now) for text in texts[start : start + _CHUNK])
        yield from sorted(first.union(*others, all=True) if others else first, reverse=True)


def _to_sender(text: InboundMessage, now: datetime) -> QuerySet:
    until = text.received_at if now - text.received_at > LATE else now
    return (
        Message.objects.filter(
            organization=text.organization_id,
            to=text.sender,
            pk__gte=surely_before(ID_PREFIX, text.received_at - WITHIN),
            pk__lt=surely_after(ID_PREFIX, until),
        )
        .order_by("-pk")
        .values_list(Value(text.pk, output_field=CharField()), "pk", "sender", "status")[:RECENT]
    )
